// form_body.c: any bytes as a urlencoded form.
#include "body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_everywhere("application/x-www-form-urlencoded", data, size);
	return 0;
}
