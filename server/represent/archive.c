// archive.c: one document in a zip, made in memory.
#include "represent/archive.h"

#include <string.h>
#include <zip.h>

#include "base/buffer.h"

enum { PIECE = 64 * 1024 };

// The zip that was written into `source`, byte by byte.
static bool take(struct buffer *out, zip_source_t *source)
{
	if (zip_source_open(source) != 0)
		return false;
	zip_int64_t count;
	char piece[PIECE];
	while ((count = zip_source_read(source, piece, sizeof piece)) > 0)
		buffer_add(out, piece, (size_t)count);
	zip_source_close(source);
	return count == 0;
}

static bool add(zip_t *zip, const char *name, const char *text)
{
	zip_source_t *content = zip_source_buffer(zip, text, strlen(text), 0);
	if (!content)
		return false;
	if (zip_file_add(zip, name, content, ZIP_FL_ENC_UTF_8) >= 0)
		return true;
	zip_source_free(content);
	return false;
}

bool represent_archive(struct buffer *out, const char *document)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	if (!source)
		return false;
	zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, NULL);
	if (!zip) {
		zip_source_free(source);
		return false;
	}
	zip_source_keep(source); // closing the zip lets go of it
	bool made = add(zip, "meeting.json", document) && zip_close(zip) == 0;
	if (!made)
		zip_discard(zip);
	made = made && take(out, source);
	zip_source_free(source);
	return made;
}
