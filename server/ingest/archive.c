// archive.c: a meeting's archive: the one document in a zip, within limits, whatever the zip says of itself.
#include <stdbool.h>
#include <string.h>
#include <unicode/utf8.h>
#include <zip.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/inside.h"

enum {
	MAX_ENTRIES = 1000,
	MAX_UNPACKED = 64 * 1024 * 1024,
	PIECE = 64 * 1024,
};

static const char document_name[] = "meeting.json";

static void close_zip(void *zip)
{
	zip_discard(zip);
}

static void close_file(void *file)
{
	zip_fclose(file);
}

static zip_t *open_zip(const void *bytes, size_t length, struct arena *arena)
{
	zip_error_t error;
	zip_error_init(&error);
	zip_source_t *source = zip_source_buffer_create(bytes, length, 0, &error);
	zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	zip_error_fini(&error);
	if (zip)
		arena_defer(arena, close_zip, zip);
	else
		zip_source_free(source);
	return zip;
}

// PostgreSQL takes no text with NUL or broken UTF-8; both would be our error there.
static bool is_text(const char *text, size_t length)
{
	int32_t at = 0;
	UChar32 character = 1;
	while ((size_t)at < length && character > 0)
		U8_NEXT(text, at, (int32_t)length, character);
	return character > 0;
}

static const char *unpack(zip_file_t *file, struct arena *arena, struct problem *why)
{
	struct buffer text;
	buffer_init(&text, arena);
	for (;;) {
		char piece[PIECE];
		zip_int64_t count = zip_fread(file, piece, sizeof piece);
		if (count < 0) {
			refuse(why, PROBLEM_BAD_INPUT, "The archive is damaged: its document can't be unpacked.", "archive_broken");
			return NULL;
		}
		if (count == 0)
			break;
		buffer_add(&text, piece, (size_t)count);
		if (text.length > MAX_UNPACKED) {
			refuse(why, PROBLEM_BAD_INPUT, "The archive is too large once it is unpacked.", "archive_too_large");
			return NULL;
		}
	}
	if (text.length && is_text(text.data, text.length))
		return text.data;
	refuse(why, PROBLEM_BAD_INPUT, "The archive's document is no text in UTF-8.", "archive_broken");
	return NULL;
}

const char *ingest_archive(const void *bytes, size_t length, struct arena *arena, struct problem *why)
{
	zip_t *zip = open_zip(bytes, length, arena);
	if (!zip || zip_get_num_entries(zip, 0) > MAX_ENTRIES) {
		refuse(why, PROBLEM_BAD_INPUT, "This is not a meeting's archive (.zip), or it was not sent whole.", "archive_not_zip");
		return NULL;
	}
	zip_file_t *file = zip_fopen(zip, document_name, 0);
	if (!file) {
		refuse(why, PROBLEM_BAD_INPUT, "There is no meeting.json in this zip: it is not a meeting's archive.", "archive_not_ours");
		return NULL;
	}
	arena_defer(arena, close_file, file);
	return unpack(file, arena, why);
}
