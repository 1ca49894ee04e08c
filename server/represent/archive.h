// archive.h: a meeting's archive: a zip with its one document, and room for files beside it.
//
// Room rules: uses base/, libzip. Reading one is ingest_archive() in ingest/ingest.h.
#pragma once

#include <stdbool.h>

struct buffer;

bool represent_archive(struct buffer *out, const char *document); // false: out of memory
