// archive.c: a meeting's document and its files in a zip, made in memory.
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

// `packed`: it is as small as it gets already, as presentations and pictures are.
static bool add(zip_t *zip, const struct represent_archive_file *file, bool packed)
{
	zip_source_t *content = zip_source_buffer(zip, file->bytes, file->length, 0);
	zip_int64_t index = content ? zip_file_add(zip, file->name, content, ZIP_FL_ENC_UTF_8) : -1;
	if (content && index < 0)
		zip_source_free(content);
	return index >= 0 && (!packed || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0);
}

static bool add_all(zip_t *zip, const char *document, const struct represent_archive_file *files, int count)
{
	bool good = add(zip, &(struct represent_archive_file){"meeting.json", document, strlen(document)}, false);
	for (int i = 0; good && i < count; i++)
		good = add(zip, &files[i], true);
	return good;
}

bool represent_archive(struct buffer *out, const char *document, const struct represent_archive_file *files, int count)
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
	bool made = add_all(zip, document, files, count) && zip_close(zip) == 0;
	if (!made)
		zip_discard(zip);
	made = made && take(out, source);
	zip_source_free(source);
	return made;
}
