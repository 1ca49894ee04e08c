// compress.h: brotli and gzip for text, and what was compressed lately.
//
// Room rules: of http/ alone. A compressor belongs to one loop. What compress_body gives lives in the arena.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct compressor;

enum coding { CODING_NONE, CODING_BR, CODING_GZIP, CODINGS };

struct compressor *compressor_new(void);
void compressor_free(struct compressor *compressor);

const char *coding_name(enum coding coding);   // as in Content-Encoding; NULL for none
const char *coding_suffix(enum coding coding); // of the ETag; "" for none

// Whether a body of that type and length is worth it at all; only then does the answer vary by Accept-Encoding.
bool is_compressible(const char *type, size_t length);
// What the client likes best of what we have; brotli where it likes both the same.
enum coding coding_choose(const char *accept_encoding);
// NULL where it would not get smaller. `etag` (or NULL) says whether the same bytes may come again.
const char *compress_body(struct compressor *compressor, struct arena *arena, enum coding coding, const char *etag, const char *body,
    size_t length, size_t *compressed_length);
