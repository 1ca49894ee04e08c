// weight.h: how much a client likes something: the `q=` in Accept, Accept-Language and Accept-Encoding.
//
// Room rules: libc only.
#pragma once

#include <stddef.h>

// The weight in the parameters of one member (";level=1; q=0.5"), in thousandths, RFC 9110 section 12.4.2. 1000 without one: a client that
// did not say, or can't write it.
int weight_of(const char *parameters, size_t length);
