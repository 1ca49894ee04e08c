// encoding.c: how a text's bytes were written, and the text.
//
// A byte order mark says it; else what is UTF-8 throughout is UTF-8; else zeros at every other byte are UTF-16; else it is one of the
// tables of one byte a letter, which differ in few places. Windows-1250 and ISO-8859-2 write ą ś ź Ą Ś Ź in other places: those decide.
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "ingest/inside.h"

const char *const ingest_encodings[] = {"utf-8", "utf-16le", "utf-16be", "windows-1250", "iso-8859-2", "windows-1252", NULL};

struct tally {
	size_t of[256];
	size_t zeros_at[2]; // even and odd places
};

static size_t sum(const struct tally *tally, const char *bytes)
{
	size_t found = 0;
	for (; *bytes; bytes++)
		found += tally->of[(unsigned char)*bytes];
	return found;
}

static size_t sum_range(const struct tally *tally, int first, int last)
{
	size_t found = 0;
	for (; first <= last; first++)
		found += tally->of[first];
	return found;
}

static bool is_utf8(const char *text, size_t length)
{
	for (int32_t at = 0; at < (int32_t)length;) {
		UChar32 character;
		U8_NEXT(text, at, (int32_t)length, character);
		if (character < 0)
			return false;
	}
	return true;
}

static const char *of_one_byte(const struct tally *tally)
{
	size_t windows = sum(tally, "\xB9\x9C\x9F\xA5\x8C\x8F"), iso = sum(tally, "\xB1\xB6\xBC\xA1\xA6\xAC");
	size_t controls = sum_range(tally, 0x80, 0x9F); // letters, dashes and quotation marks in Windows' tables, nothing in ISO's
	// ą ć ę ł ś ż and their capitals: without any of them, å is a Nordic letter rather than the Slovak ĺ.
	size_t polish = windows + iso + sum(tally, "\xE6\xEA\xB3\xBF\xC6\xCA\xA3\xAF");
	if (!polish && sum(tally, "\xE5\xC5"))
		return "windows-1252";
	return iso > windows && !controls ? "iso-8859-2" : "windows-1250";
}

static const char *guess(const char *bytes, size_t length, size_t *mark)
{
	static const struct {
		const char *mark, *encoding;
	} marks[] = {{"\xEF\xBB\xBF", "utf-8"}, {"\xFF\xFE", "utf-16le"}, {"\xFE\xFF", "utf-16be"}};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		*mark = strlen(marks[i].mark);
		if (length >= *mark && !memcmp(bytes, marks[i].mark, *mark))
			return marks[i].encoding;
	}
	*mark = 0;
	struct tally tally = {0};
	for (size_t at = 0; at < length; at++) {
		tally.of[(unsigned char)bytes[at]]++;
		tally.zeros_at[at % 2] += !bytes[at];
	}
	if (tally.zeros_at[1] > length / 8 && !tally.zeros_at[0])
		return "utf-16le";
	if (tally.zeros_at[0] > length / 8 && !tally.zeros_at[1])
		return "utf-16be";
	return is_utf8(bytes, length) ? "utf-8" : of_one_byte(&tally);
}

static char *convert(struct arena *arena, const char *encoding, const char *bytes, size_t length)
{
	UErrorCode status = U_ZERO_ERROR;
	size_t room = length * 3 + 4;
	char *out = arena_alloc(arena, room);
	int32_t made = ucnv_convert("UTF-8", encoding, out, (int32_t)room - 1, bytes, (int32_t)length, &status);
	if (U_FAILURE(status))
		return NULL;
	out[made] = '\0';
	return strlen(out) == (size_t)made && !strstr(out, "\uFFFD") ? out : NULL;
}

// A picture or a program has control characters all over; a text from an old printer a form feed here and there.
static bool is_text(const char *text)
{
	size_t controls = 0, length = 0;
	for (; *text; text++, length++)
		controls += (unsigned char)*text < ' ' && !strchr("\t\r\n", *text);
	return controls <= length / 100 + 2;
}

const char *encoding_decode(
    struct ingest_table *table, const char *bytes, size_t length, const char *wanted, struct arena *arena, struct problem *why)
{
	size_t mark;
	const char *guessed = guess(bytes, length, &mark);
	// A mark is believed before a person is: it is there for nothing else.
	table->encoding = wanted && !mark ? wanted : guessed;
	char *text = !strcmp(table->encoding, "utf-8") && is_utf8(bytes + mark, length - mark)
	                 ? arena_slice(arena, bytes + mark, length - mark)
	                 : convert(arena, table->encoding, bytes + mark, length - mark);
	if (!text && wanted) {
		refuse(why, PROBLEM_BAD_INPUT, arena_print(arena, "The list is not written in %s.", table->encoding), "list_bad_encoding");
		return NULL;
	}
	if (!text || strlen(text) + mark < (!strcmp(table->encoding, "utf-8") ? length : 0) || !is_text(text)) {
		refuse(why, PROBLEM_BAD_INPUT, "This is not a text. Send CSV, XLSX or a pasted list.", "list_not_text");
		return NULL;
	}
	return text;
}
