// archive.h: a meeting's archive: a zip with its document, meeting.json, and files beside it.
//
// Room rules: uses base/, libzip. Reading one is ingest_archive() in ingest/ingest.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer;

struct represent_archive_file {
	const char *name; // in the zip, UTF-8: "documents/…"
	const char *bytes;
	size_t length;
};

// False: out of memory. Files are stored as they are: those that people hand out are packed already.
bool represent_archive(struct buffer *out, const char *document, const struct represent_archive_file *files, int count);
