// library.c: the libraries that draw.
#include "print/library.h"

bool library_open(void)
{
	return true;
}
