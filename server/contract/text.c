// text.c: texts: UTF-8 and UTF-16, what surrounds them, and how they travel in addresses.
#include "contract/inside.h"

#include <sodium.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/buffer.h"

enum { CURSOR_SEAL = 4 }; // bytes before a cursor's text

bool text_is_utf8(const char *text, size_t length)
{
	for (int32_t at = 0; at < (int32_t)length;) {
		UChar32 character;
		U8_NEXT(text, at, (int32_t)length, character);
		if (character < 0)
			return false;
	}
	return true;
}

uint16_t *text_wide(struct arena *arena, const char *text, int32_t *length)
{
	size_t bytes = strlen(text);
	UErrorCode status = U_ZERO_ERROR;
	UChar *wide = arena_alloc(arena, (bytes + 1) * sizeof *wide);
	u_strFromUTF8(wide, (int32_t)bytes + 1, length, text, (int32_t)bytes, &status);
	return wide;
}

// Spaces of every width, and what is not seen at all: they come with texts pasted from web pages and spreadsheets.
static bool is_blank(UChar32 character)
{
	return u_isUWhiteSpace(character) || (character >= 0x200B && character <= 0x200D) || character == 0x2060 || character == 0xFEFF;
}

char *text_trim(struct arena *arena, const char *text)
{
	int32_t end = (int32_t)strlen(text), start = 0, at = 0;
	UChar32 character;
	while (at < end) {
		U8_NEXT(text, at, end, character);
		if (!is_blank(character))
			break;
		start = at;
	}
	for (at = end; at > start; end = at) {
		U8_PREV(text, start, at, character);
		if (!is_blank(character))
			break;
	}
	return arena_slice(arena, text + start, (size_t)(end - start));
}

static int hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

char *contract_decode(struct arena *arena, const char *text, size_t length, bool form)
{
	char *out = arena_alloc(arena, length + 1), *end = out;
	for (size_t at = 0; at < length; at++) {
		char byte = text[at];
		if (byte == '%') {
			int high = at + 2 < length ? hex(text[at + 1]) : -1;
			int low = at + 2 < length ? hex(text[at + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			byte = (char)(high * 16 + low);
			at += 2;
		} else if (byte == '+' && form) {
			byte = ' ';
		}
		if (!byte)
			return NULL;
		*end++ = byte;
	}
	*end = 0;
	return text_is_utf8(out, (size_t)(end - out)) ? out : NULL;
}

// "//elsewhere.example" and "/\\elsewhere.example" are other hosts to a browser, and so is "/<tab>/elsewhere.example": it drops white space
// before it reads an address.
bool contract_is_own_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/')
		return false;
	for (; *path; path++)
		if ((unsigned char)*path <= ' ' || *path == 0x7F || *path == '\\')
			return false;
	return true;
}

char *contract_encode(struct arena *arena, const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct buffer out;
	buffer_init(&out, arena);
	buffer_puts(&out, "");
	for (; *text; text++) {
		if (strchr(unreserved, *text))
			buffer_putc(&out, *text);
		else
			buffer_print(&out, "%%%02X", (unsigned char)*text);
	}
	return out.data;
}

// Tells a cursor from that of another list, and from one that lost a character on its way: those would lead into the middle of nowhere.
// It is no secret: whoever makes a cursor up sees only what he may see anyway.
static void seal_cursor(unsigned char seal[crypto_shorthash_BYTES], const char *list, const char *json, struct arena *arena)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	const char *sealed = arena_print(arena, "%s %s", list, json);
	crypto_shorthash(seal, (const unsigned char *)sealed, strlen(sealed), key);
}

char *contract_cursor(struct arena *arena, const char *list, const char *json)
{
	unsigned char seal[crypto_shorthash_BYTES];
	seal_cursor(seal, list, json, arena);
	struct buffer sealed;
	buffer_init(&sealed, arena);
	buffer_add(&sealed, (const char *)seal, CURSOR_SEAL);
	buffer_puts(&sealed, json);
	size_t room = sodium_base64_ENCODED_LEN(sealed.length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return sodium_bin2base64(
	    arena_alloc(arena, room), room, (const unsigned char *)sealed.data, sealed.length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

// Deep nesting and NULs are refused by the parser; what is left may only be what we once gave out, or a harmless look-alike.
static bool is_array_of_scalars(const char *json, size_t length)
{
	json_auto_t *array = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_array(array) || !json_array_size(array))
		return false;
	size_t index;
	json_t *value;
	json_array_foreach(array, index, value) if (json_is_array(value) || json_is_object(value)) return false;
	return true;
}

bool cursor_open(const char *cursor, const char *list, const char **json, struct arena *arena)
{
	size_t length = strlen(cursor), read;
	unsigned char seal[crypto_shorthash_BYTES];
	char *bytes = arena_alloc(arena, length + 1);
	if (sodium_base642bin((unsigned char *)bytes, length, cursor, length, NULL, &read, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		return false;
	bytes[read] = 0;
	if (read <= CURSOR_SEAL)
		return false;
	*json = bytes + CURSOR_SEAL;
	seal_cursor(seal, list, *json, arena);
	return memcmp(seal, bytes, CURSOR_SEAL) == 0 && is_array_of_scalars(*json, read - CURSOR_SEAL);
}
