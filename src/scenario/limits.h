/* SPDX-License-Identifier: MIT */
/*
 * How much a scenario file may hold. The numbers are part of the language: a file that is within
 * them loads everywhere. What is beyond is an error that names the limit.
 */
#ifndef SCENARIO_LIMITS_H
#define SCENARIO_LIMITS_H

enum {
	LIMIT_FILE_BYTES = 1024 * 1024,
	LIMIT_YAML_DEPTH = 32, /* a body costs two, so 15 bodies fit inside each other in driver: */
	LIMIT_YAML_NODES = 128 * 1024,
	LIMIT_YAML_KEYS = 512, /* of one map: duplicates are looked for pair by pair */

	LIMIT_NAME = 63,
	LIMIT_STATEMENT = 1000, /* characters */
	LIMIT_TEXT = 64 * 1024, /* bytes: summary, header, note, … */

	LIMIT_STEPS = 10000,
	LIMIT_EXPR_NEST = 32, /* parentheses and unary operators inside each other */
	LIMIT_EXPR_HEIGHT =
	    128, /* operators and suffixes in a chain; what recursion over a tree costs */

	LIMIT_DEVICES = 16,
	LIMIT_PLATFORMS = 64,
	LIMIT_VARIANTS = 16,
	LIMIT_PARAMS = 64,
	LIMIT_FUNCTIONS = 256,
	LIMIT_FUNCTION_PARAMS = 16,
	LIMIT_DEFINES = 1024,
	LIMIT_STRUCTS = 64,
	LIMIT_FIELDS = 64,
	LIMIT_CHOICES = 16, /* of one question */
	LIMIT_WORDS = 64,   /* tags, hints, ids of one expectation */
};

#endif
