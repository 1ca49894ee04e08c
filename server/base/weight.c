// weight.c: the `q=` of what a client accepts.
#include "base/weight.h"

#include <string.h>

// "1", "0.5", "0.001"; what is not of that form counts as 1.
static int thousandths(const char *text, const char *end)
{
	if (text == end || *text != '0')
		return 1000;
	int value = 0, unit = 100;
	if (++text < end && *text == '.')
		for (text++; text < end && *text >= '0' && *text <= '9' && unit; text++, unit /= 10)
			value += (*text - '0') * unit;
	return value;
}

int weight_of(const char *parameters, size_t length)
{
	const char *end = parameters + length;
	for (const char *at = memchr(parameters, ';', length); at; at = memchr(at, ';', (size_t)(end - at))) {
		for (at++; at < end && (*at == ' ' || *at == '\t'); at++)
			;
		if (end - at >= 2 && (*at == 'q' || *at == 'Q') && at[1] == '=')
			return thousandths(at + 2, end);
	}
	return 1000;
}
