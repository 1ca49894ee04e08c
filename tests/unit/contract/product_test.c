// product_test.c: the product's own contract: every operation is where its path says, and every pattern is one that ICU knows.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unicode/uregex.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "contract/contract.h"

// A value that each parameter takes: one of its choices, or a UUID, which is an id, a slug and a token too.
static const char *path_of(struct arena *arena, const struct contract_operation *operation)
{
	struct buffer path;
	buffer_init(&path, arena);
	int parameter = 0;
	for (const char *at = operation->path; *at; at++) {
		if (*at != '{') {
			buffer_putc(&path, *at);
			continue;
		}
		const char *const *choices = operation->path_parameter[parameter++].schema->choices;
		buffer_puts(&path, choices ? choices[0] : "0190c5a0-1111-7222-8333-444455556666");
		at = strchr(at, '}');
	}
	return path.data;
}

static void test_every_operation_is_found(void **state)
{
	(void)state;
	assert_true(contract_operation_count > 50);
	for (int i = 0; i < contract_operation_count; i++) {
		const struct contract_operation *operation = &contract_operations[i];
		struct arena *arena = arena_new();
		struct contract_match match;
		struct problem why = {0};
		if (!contract_route(&match, operation->method, path_of(arena, operation), arena, &why) || match.operation != operation)
			fail_msg("%s %s does not lead to %s", operation->method, operation->path, operation->id);
		arena_free(arena);
	}
}

static void check_patterns(const struct contract_schema *schema)
{
	if (schema->pattern) {
		UErrorCode status = U_ZERO_ERROR;
		UParseError error;
		uregex_close(uregex_openC(schema->pattern, 0, &error, &status));
		if (U_FAILURE(status))
			fail_msg("%s is no pattern to ICU", schema->pattern);
	}
	for (int i = 0; i < schema->properties; i++)
		check_patterns(schema->property[i].schema);
	if (schema->items)
		check_patterns(schema->items);
	for (const struct contract_schema *const *branch = schema->one_of; branch && *branch; branch++)
		check_patterns(*branch);
}

static void test_every_pattern_opens(void **state)
{
	(void)state;
	for (int i = 0; i < contract_operation_count; i++) {
		const struct contract_operation *operation = &contract_operations[i];
		for (int p = 0; p < operation->path_parameters; p++)
			check_patterns(operation->path_parameter[p].schema);
		for (int q = 0; q < operation->query_parameters; q++)
			check_patterns(operation->query_parameter[q].schema);
		if (operation->body)
			check_patterns(operation->body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_operation_is_found), cmocka_unit_test(test_every_pattern_opens)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
