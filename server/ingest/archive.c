// archive.c: a meeting's archive: its document and files in a zip, within limits, whatever the zip says of itself.
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
	MAX_FILES = 24 * 1024 * 1024, // all together: what a meeting's documents may have
	PIECE = 64 * 1024,
};

static const char document_name[] = "meeting.json", files_folder[] = "documents/";

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

static bool refuse_broken(struct problem *why, const char *detail)
{
	return refuse(why, PROBLEM_BAD_INPUT, detail, "archive_broken");
}

static bool unpack(struct buffer *out, zip_file_t *file, size_t most, struct problem *why)
{
	for (;;) {
		char piece[PIECE];
		zip_int64_t count = zip_fread(file, piece, sizeof piece);
		if (count < 0)
			return refuse_broken(why, "The archive is damaged: a part of it can't be unpacked.");
		if (count == 0)
			return true;
		if (out->length + (size_t)count > most)
			return refuse(why, PROBLEM_BAD_INPUT, "The archive is too large once it is unpacked.", "archive_too_large");
		buffer_add(out, piece, (size_t)count);
	}
}

static bool take_document(struct ingest_archive *archive, zip_t *zip, struct arena *arena, struct problem *why)
{
	zip_file_t *file = zip_fopen(zip, document_name, 0);
	if (!file)
		return refuse(why, PROBLEM_BAD_INPUT, "There is no meeting.json in this zip: it is not a meeting's archive.", "archive_not_ours");
	struct buffer text;
	buffer_init(&text, arena);
	arena_defer(arena, close_file, file);
	if (!unpack(&text, file, MAX_UNPACKED, why))
		return false;
	archive->document = text.data;
	return (text.length && is_text(text.data, text.length)) || refuse_broken(why, "The archive's document is no text in UTF-8.");
}

// `room`: how many bytes all files may still have.
static bool take_file(
    struct ingest_archive *archive, zip_t *zip, zip_uint64_t index, size_t *room, struct arena *arena, struct problem *why)
{
	const char *name = zip_get_name(zip, index, ZIP_FL_ENC_GUESS);
	if (!name || strncmp(name, files_folder, sizeof files_folder - 1) != 0 || !name[sizeof files_folder - 1])
		return true;
	zip_file_t *file = zip_fopen_index(zip, index, 0);
	if (!file)
		return refuse_broken(why, "The archive is damaged: a part of it can't be unpacked.");
	struct buffer bytes;
	buffer_init(&bytes, arena);
	arena_defer(arena, close_file, file);
	if (!unpack(&bytes, file, *room, why))
		return false;
	*room -= bytes.length;
	archive->file[archive->files++] = (struct ingest_archive_file){arena_copy(arena, name), bytes.data ? bytes.data : "", bytes.length};
	return true;
}

bool ingest_archive(struct ingest_archive *archive, const void *bytes, size_t length, struct arena *arena, struct problem *why)
{
	zip_t *zip = open_zip(bytes, length, arena);
	zip_int64_t entries = zip ? zip_get_num_entries(zip, 0) : 0;
	*archive = (struct ingest_archive){0};
	if (!zip || entries > MAX_ENTRIES)
		return refuse(why, PROBLEM_BAD_INPUT, "This is not a meeting's archive (.zip), or it was not sent whole.", "archive_not_zip");
	if (!take_document(archive, zip, arena, why))
		return false;
	size_t room = MAX_FILES;
	archive->file = arena_alloc(arena, sizeof *archive->file * (size_t)entries);
	for (zip_int64_t i = 0; i < entries; i++)
		if (!take_file(archive, zip, (zip_uint64_t)i, &room, arena, why))
			return false;
	return true;
}
