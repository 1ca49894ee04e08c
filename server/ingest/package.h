// package.h: a workbook's zip, whose parts are read as XML piece by piece.
//
// Room rules: of ingest/ alone. What a part holds once it is unpacked is counted over all of them and limited, whatever the zip says of
// itself; a part with a document type, which is how XML is made to read other files or to grow without end, is refused.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct problem;

struct package {
	struct zip *zip;
	size_t unpacked; // bytes of the parts read so far
	struct arena *arena;
	struct problem *why;
};

// Names come without their namespace; attributes as name, value, …, NULL.
struct package_calls {
	bool (*start)(void *reader, const char *name, const char **attributes); // false: refused, package->why says why
	bool (*end)(void *reader, const char *name);                            // may be NULL, as `text`
	void (*text)(void *reader, const char *text, size_t length);
};

bool package_open(struct package *package, const void *bytes, size_t length); // the bytes must outlive the arena's deferred calls
bool package_has(const struct package *package, const char *path);
bool package_read(struct package *package, const char *path, const struct package_calls *calls, void *reader);

const char *package_attribute(const char **attributes, const char *name); // NULL if absent
