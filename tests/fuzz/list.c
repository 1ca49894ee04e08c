// list.c: any bytes as a list, once with everything to be found out and once with what the first two bytes say.
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_list(data, size, &(struct ingest_hints){0});
	if (size > 2)
		check_list(data + 2, size - 2,
		    &(struct ingest_hints){.encoding = ingest_encodings[data[0] % 6], .separator = ingest_separators[data[1] % 4]});
	return 0;
}
