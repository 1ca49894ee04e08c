// library.h: the libraries that draw. Private to print/.
#pragma once

#include <stdbool.h>

bool library_open(void);
