// cell.c: what a cell holds, as people mean it.
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "ingest/inside.h"

// Spaces of every width, and what is not seen at all: they come with texts copied from web pages.
bool cell_is_blank(int character)
{
	return u_isUWhiteSpace(character) || (character >= 0x200B && character <= 0x200D) || character == 0x2060 || character == 0xFEFF;
}

static bool is_control(UChar32 character)
{
	return (character < ' ' && character != '\n') || (character >= 0x7F && character < 0xA0);
}

static void trim(const char **text, size_t *length)
{
	int32_t end = (int32_t)*length, start = 0, at = 0;
	UChar32 character;
	while (at < end) {
		U8_NEXT(*text, at, end, character);
		if (!cell_is_blank(character) && !is_control(character))
			break;
		start = at;
	}
	for (at = end; at > start; end = at) {
		U8_PREV(*text, start, at, character);
		if (!cell_is_blank(character) && !is_control(character))
			break;
	}
	*text += start;
	*length = (size_t)(end - start);
}

// A spreadsheet's export (represent/csv.c has the same) puts an apostrophe before what would run as a formula.
static bool is_guarded(const char *text, size_t length)
{
	static const char *const starts[] = {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"};
	for (size_t i = 0; length > 1 && *text == '\'' && i < sizeof starts / sizeof *starts; i++)
		if (!strncmp(text + 1, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static const char *to_nfc(struct arena *arena, const char *text, int32_t bytes)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
	int32_t length;
	UChar *wide = arena_alloc(arena, ((size_t)bytes + 1) * sizeof *wide);
	u_strFromUTF8(wide, bytes + 1, &length, text, bytes, &status);
	if (U_FAILURE(status) || unorm2_isNormalized(nfc, wide, length, &status) || U_FAILURE(status))
		return text;
	int32_t room = length * 3 + 1; // NFC never grows UTF-16 more than threefold (UAX 15)
	UChar *normal = arena_alloc(arena, (size_t)room * sizeof *normal);
	length = unorm2_normalize(nfc, wide, length, normal, room, &status);
	char *out = arena_alloc(arena, (size_t)length * 3 + 1);
	u_strToUTF8(out, length * 3 + 1, NULL, normal, length, &status);
	return U_SUCCESS(status) ? out : text;
}

const char *cell_clean(struct arena *arena, const char *text, size_t length)
{
	trim(&text, &length);
	if (!length)
		return "";
	if (is_guarded(text, length))
		text++, length--;
	char *out = arena_alloc(arena, length + 1), *end = out;
	bool plain = true;
	for (size_t at = 0; at < length; at++) {
		unsigned char byte = (unsigned char)text[at];
		bool wide_control = byte == 0xC2 && at + 1 < length && (unsigned char)text[at + 1] < 0xA0;
		plain &= byte < 0x80;
		if (byte == '\t' || (byte == '\r' && text[at + 1] != '\n')) // what ends in CR was trimmed: there is a next byte
			*end++ = byte == '\t' ? ' ' : '\n';
		else if (wide_control)
			at++;
		else if (byte >= ' ' ? byte != 0x7F : byte == '\n')
			*end++ = (char)byte;
	}
	return plain ? out : to_nfc(arena, out, (int32_t)(end - out));
}
