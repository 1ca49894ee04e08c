// router.c: any three lines as path, query and Accept or If-Match.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "contract/contract.h"

static char *next_line(char **at)
{
	char *line = *at, *end = strchrnul(line, '\n');
	*at = *end ? end + 1 : end;
	*end = 0;
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = {"GET", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"};
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		struct arena *arena = arena_new();
		struct contract_match match;
		struct contract_input input;
		struct problem why = {0};
		enum contract_form form;
		char *rest = arena_slice(arena, data, size), *path = next_line(&rest), *query = next_line(&rest);
		bool found = contract_route(&match, methods[i], path, arena, &why);
		if (found != (why.kind == PROBLEM_NONE) || (found && !match.operation && !match.allow))
			abort();
		if (found && match.operation) {
			struct contract_request request = {.query = query, .if_match = rest, .body = ""};
			contract_negotiate(&match, rest, &form, &why);
			contract_check(&input, &match, &request, arena, &why);
		}
		arena_free(arena);
	}
	return 0;
}
