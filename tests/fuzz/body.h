// body.h: one body given to every operation of the unit tests' contract that takes one.
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "contract/contract.h"

static inline void check_everywhere(const char *type, const uint8_t *data, size_t size)
{
	static const struct {
		const char *method, *path;
	} targets[] = {{"POST", "/rooms"}, {"PATCH", "/rooms/a"}, {"PUT", "/rooms/order"}, {"POST", "/rooms/a/guests"},
	    {"POST", "/rooms/a/plan"}, {"POST", "/r/goz/t"}};
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		struct arena *arena = arena_new();
		struct contract_match match;
		struct contract_input input;
		struct problem why = {0};
		const struct contract_surroundings around = {"/", "id", "pl"};
		char *body = arena_slice(arena, data, size);
		struct contract_request request = {.query = "", .content_type = type, .if_match = "\"1\"", .body = body, .body_length = size};
		if (!contract_route(&match, targets[i].method, targets[i].path, arena, &why))
			abort();
		contract_method_override("POST", type, body, size, arena);
		bool fits = contract_check(&input, &match, &request, arena, &why);
		if (fits != (why.kind == PROBLEM_NONE)) // refused without a reason, or a reason without refusal
			abort();
		for (int step = 0; fits && step < match.operation->steps; step++)
			if (match.operation->step[step].binding)
				contract_bind(&input, &match.operation->step[step].binding[0], &around, arena);
		arena_free(arena);
	}
}
