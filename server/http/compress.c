// compress.c: which coding, and the work, which is remembered for bodies with an ETag.
#include "http/compress.h"

#include <brotli/encode.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/arena.h"
#include "base/weight.h"

enum {
	LEAST = 1024,   // below, headers and packets cost more than is saved
	BR_QUALITY = 4, // about as fast as gzip 6 and a sixth smaller
	BR_WINDOW = 18, // bits
	GZIP_LEVEL = 6,
	SLOTS = 32,
	SLOT_BYTES = 128 * 1024, // bodies larger than this are not remembered
};

static const struct {
	const char *name, *suffix;
} codings[CODINGS] = {[CODING_NONE] = {NULL, ""}, [CODING_BR] = {"br", "-br"}, [CODING_GZIP] = {"gzip", "-gz"}};

// A body and what became of it. The whole body is kept: a digest would cost more than comparing does.
struct slot {
	enum coding coding;
	size_t length, compressed_length;
	char *body; // and the compressed bytes behind it
};

struct compressor {
	struct slot slot[SLOTS];
	z_stream gzip;
	bool gzip_ready;
};

struct compressor *compressor_new(void)
{
	struct compressor *compressor = calloc(1, sizeof *compressor);
	if (!compressor)
		abort();
	return compressor;
}

void compressor_free(struct compressor *compressor)
{
	if (!compressor)
		return;
	if (compressor->gzip_ready)
		deflateEnd(&compressor->gzip);
	for (int i = 0; i < SLOTS; i++)
		free(compressor->slot[i].body);
	free(compressor);
}

const char *coding_name(enum coding coding)
{
	return codings[coding].name;
}

const char *coding_suffix(enum coding coding)
{
	return codings[coding].suffix;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);
	return length >= end_length && strncasecmp(text + length - end_length, end, end_length) == 0;
}

bool is_compressible(const char *type, size_t length)
{
	static const char *const exact[] = {"application/json", "application/javascript", "application/xml", "image/svg+xml"};
	if (!type || length < LEAST)
		return false;
	size_t type_length = strcspn(type, "; ");
	if (strncasecmp(type, "text/", 5) == 0 || ends_with(type, type_length, "+json") || ends_with(type, type_length, "+xml"))
		return true;
	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		if (strlen(exact[i]) == type_length && strncasecmp(type, exact[i], type_length) == 0)
			return true;
	return false;
}

enum coding coding_choose(const char *accept_encoding)
{
	int liked[CODINGS] = {0, -1, -1}, any = 0;
	for (const char *at = accept_encoding ? accept_encoding : ""; *at;) {
		at += strspn(at, " \t,");
		size_t name = strcspn(at, " \t;,"), whole = strcspn(at, ",");
		int value = weight_of(at + name, whole - name);
		for (int coding = CODING_NONE + 1; coding < CODINGS; coding++)
			if (strlen(codings[coding].name) == name && strncasecmp(at, codings[coding].name, name) == 0)
				liked[coding] = value;
		if (name == 1 && *at == '*')
			any = value;
		at += whole;
	}
	enum coding best = CODING_NONE;
	for (int coding = CODING_NONE + 1; coding < CODINGS; coding++) {
		liked[coding] = liked[coding] < 0 ? any : liked[coding];
		if (liked[coding] > liked[best])
			best = coding;
	}
	return best;
}

// The state is kept, since making it (a quarter of a megabyte, zeroed) costs as much as a page's compression.
static size_t gzip_body(struct compressor *compressor, const char *body, size_t length, char *into, size_t room)
{
	z_stream *gzip = &compressor->gzip;
	enum { GZIP_WINDOW = 15 + 16, MEMORY = 8 };
	int ready =
	    compressor->gzip_ready ? deflateReset(gzip) : deflateInit2(gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY);
	if (ready != Z_OK)
		return 0;
	compressor->gzip_ready = true;
	gzip->next_in = (const unsigned char *)body;
	gzip->avail_in = (uInt)length;
	gzip->next_out = (unsigned char *)into;
	gzip->avail_out = (uInt)room;
	return deflate(gzip, Z_FINISH) == Z_STREAM_END ? room - gzip->avail_out : 0;
}

static size_t br_body(const char *body, size_t length, char *into, size_t room)
{
	size_t compressed = room;
	bool worked =
	    BrotliEncoderCompress(BR_QUALITY, BR_WINDOW, BROTLI_MODE_TEXT, length, (const uint8_t *)body, &compressed, (uint8_t *)into);
	return worked ? compressed : 0;
}

static struct slot *slot_of(struct compressor *compressor, enum coding coding, const char *etag)
{
	uint32_t hash = 2166136261U + coding;
	for (; *etag; etag++)
		hash = (hash ^ (unsigned char)*etag) * 16777619U;
	return &compressor->slot[hash % SLOTS];
}

static void remember(
    struct slot *slot, enum coding coding, const char *body, size_t length, const char *compressed, size_t compressed_length)
{
	char *both = malloc(length + compressed_length);
	if (!both)
		abort();
	memcpy(both, body, length);
	memcpy(both + length, compressed, compressed_length);
	free(slot->body);
	*slot = (struct slot){coding, length, compressed_length, both};
}

const char *compress_body(struct compressor *compressor, struct arena *arena, enum coding coding, const char *etag, const char *body,
    size_t length, size_t *compressed_length)
{
	bool comes_again = etag && length <= SLOT_BYTES;
	struct slot *slot = slot_of(compressor, coding, comes_again ? etag : "");
	if (comes_again && slot->body && slot->coding == coding && slot->length == length && memcmp(slot->body, body, length) == 0) {
		*compressed_length = slot->compressed_length;
		// Copied, since the slot may be another's before this is sent.
		return arena_slice(arena, slot->body + length, slot->compressed_length);
	}
	if (length > UINT32_MAX)
		return NULL;
	// No more room than the body takes: what does not fit is not worth sending.
	char *into = arena_grow(arena, NULL, 0, length);
	*compressed_length = coding == CODING_BR ? br_body(body, length, into, length) : gzip_body(compressor, body, length, into, length);
	if (!*compressed_length)
		return NULL;
	if (comes_again)
		remember(slot, coding, body, length, into, *compressed_length);
	return into;
}
