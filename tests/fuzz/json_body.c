// json_body.c: any bytes as a JSON body.
#include "body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_everywhere("application/json", data, size);
	return 0;
}
