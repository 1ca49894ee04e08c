// multipart.c: any bytes as a form that brings a file along.
#include "body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_everywhere("multipart/form-data; boundary=xyz", data, size);
	return 0;
}
