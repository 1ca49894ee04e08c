// weight_test.c: the weights that clients write, and those that they should not.
#include "base/weight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_weights(void **state)
{
	(void)state;
	static const struct {
		const char *parameters;
		int weight;
	} cases[] = {{"", 1000}, {"fi", 1000}, {";q=0.8", 800}, {"text/html;level=1; q=0.25", 250}, {";Q=0", 0}, {";q=0.", 0}, {";q=0.001", 1},
	    {";q=0.0009", 0}, {";q=1.000", 1000}, {";q=7", 1000}, {";q=-1", 1000}, {";q=nan", 1000}, {";q=1e999", 1000}, {";q=0x9", 0},
	    {";q=", 1000}, {";q", 1000}, {";xq=0.1", 1000}, {";;\t q=0.5", 500}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(weight_of(cases[i].parameters, strlen(cases[i].parameters)), cases[i].weight);
	assert_int_equal(weight_of(";q=0.55", strlen(";q=0.5")), 500); // what stands behind is another's
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_weights)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
