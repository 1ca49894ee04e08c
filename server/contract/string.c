// string.c: one string: normalised as people mean it, then held against its schema.
#include "contract/inside.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/arena.h"

static const char *to_nfc(struct arena *arena, const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
	int32_t length;
	UChar *wide = text_wide(arena, text, &length);
	if (unorm2_isNormalized(nfc, wide, length, &status) || U_FAILURE(status))
		return text;
	int32_t room = length * 3 + 1; // NFC never grows UTF-16 more than threefold (UAX 15)
	UChar *normal = arena_alloc(arena, (size_t)room * sizeof *normal);
	length = unorm2_normalize(nfc, wide, length, normal, room, &status);
	char *out = arena_alloc(arena, (size_t)length * 3 + 1);
	u_strToUTF8(out, length * 3 + 1, NULL, normal, length, &status);
	return U_SUCCESS(status) ? out : text;
}

// A browser ends the lines of a text area with CR LF.
static const char *to_line_feeds(struct arena *arena, const char *text)
{
	if (!strchr(text, '\r'))
		return text;
	char *out = arena_copy(arena, text), *end = out;
	for (const char *at = text; *at; at++) {
		*end++ = *at == '\r' ? '\n' : *at;
		if (at[0] == '\r' && at[1] == '\n')
			at++;
	}
	*end = 0;
	return out;
}

struct sight {
	bool plain;   // ASCII
	bool control; // a character that would break a header, a calendar's line or a terminal
	long characters;
};

static struct sight look(const char *text, bool multiline)
{
	struct sight seen = {.plain = true};
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if ((*at < ' ' && *at != '\t' && !(*at == '\n' && multiline)) || *at == 0x7F || (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0))
			seen.control = true;
		if (*at >= 0x80)
			seen.plain = false;
		if ((*at & 0xC0) != 0x80)
			seen.characters++;
	}
	return seen;
}

static bool is_choice(const char *const *choices, const char *text)
{
	for (; *choices; choices++)
		if (!strcmp(*choices, text))
			return true;
	return false;
}

static const char *choices_detail(struct arena *arena, const char *const *choices)
{
	char *list = arena_print(arena, "Must be one of: %s", choices[0]);
	for (choices++; *choices; choices++)
		list = arena_print(arena, "%s, %s", list, *choices);
	return arena_print(arena, "%s.", list);
}

static bool may_be_empty(const struct contract_schema *schema)
{
	return schema->min_length <= 0 && !schema->choices && !schema->pattern && schema->format == FORMAT_NONE;
}

// The first thing wrong with it: code and *detail, or NULL.
static const char *text_fault(struct check *check, const struct contract_schema *schema, const char **text, const char **detail)
{
	struct sight seen = look(*text, schema->multiline);
	if (seen.control) {
		*detail = schema->multiline ? "Must not contain control characters." : "Must be one line without control characters.";
		return "control_character";
	}
	if (!seen.plain) {
		*text = to_nfc(check->arena, *text);
		seen = look(*text, schema->multiline);
	}
	if (check->form && !seen.characters && !may_be_empty(schema)) {
		*detail = "Must not be empty.";
		return "required";
	}
	if (schema->min_length >= 0 && seen.characters < schema->min_length) {
		*detail = arena_print(check->arena, "Must have at least %ld characters.", schema->min_length);
		return "too_short";
	}
	if (schema->max_length >= 0 && seen.characters > schema->max_length) {
		*detail = arena_print(check->arena, "Must have at most %ld characters, not %ld.", schema->max_length, seen.characters);
		return "too_long";
	}
	if (schema->choices && !is_choice(schema->choices, *text)) {
		*detail = choices_detail(check->arena, schema->choices);
		return "not_a_choice";
	}
	if (schema->pattern && !pattern_fits(schema->pattern, *text, check->arena)) {
		*detail = arena_print(check->arena, "Must match %s", schema->pattern);
		return "bad_pattern";
	}
	return schema->format ? format_fault(check, schema->format, text, detail) : NULL;
}

const char *check_text(struct check *check, const struct contract_schema *schema, const char *text, const struct place *place)
{
	const char *detail = NULL;
	if ((check->form && !schema->multiline) || schema->format == FORMAT_EMAIL)
		text = text_trim(check->arena, text);
	if (schema->multiline)
		text = to_line_feeds(check->arena, text);
	const char *code = text_fault(check, schema, &text, &detail);
	if (code)
		fault(check, place, code, detail);
	return text;
}
