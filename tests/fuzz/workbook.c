// workbook.c: any texts as the parts of a workbook, form feeds between them, packed as a workbook is.
#include "table.h"

#include <zip.h>

static const char *const paths[] = {
    "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"};

static void *pack(const uint8_t *data, size_t size, size_t *length)
{
	zip_error_t error;
	zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *zip = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
	zip_source_keep(target);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const uint8_t *end = size ? memchr(data, '\f', size) : NULL;
		size_t part = end ? (size_t)(end - data) : size;
		zip_int64_t index = zip_file_add(zip, paths[i], zip_source_buffer(zip, data, part, 0), 0);
		zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0);
		data += part + (end != NULL);
		size -= part + (end != NULL);
	}
	expect(zip_close(zip) == 0);
	zip_source_open(target);
	zip_source_seek(target, 0, SEEK_END);
	*length = (size_t)zip_source_tell(target);
	zip_source_seek(target, 0, SEEK_SET);
	void *bytes = malloc(*length);
	zip_source_read(target, bytes, *length);
	zip_source_close(target);
	zip_source_free(target);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length;
	void *bytes = pack(data, size, &length);
	check_list(bytes, length, &(struct ingest_hints){0});
	free(bytes);
	return 0;
}
