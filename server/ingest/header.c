// header.c: which column holds what, by its heading and by what is in it.
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "ingest/inside.h"

enum { SAMPLE = 50 }; // rows that are looked at

// Letters that Unicode does not take apart.
static UChar32 plain_letter(UChar32 letter)
{
	static const struct {
		UChar32 letter, plain;
	} letters[] = {{0x142, 'l'}, {0xF8, 'o'}, {0x111, 'd'}, {0x131, 'i'}};
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (letters[i].letter == letter)
			return letters[i].plain;
	return letter;
}

char *ingest_fold(struct arena *arena, const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t length, bytes = (int32_t)strlen(text);
	UChar *wide = arena_alloc(arena, ((size_t)bytes + 1) * sizeof *wide);
	u_strFromUTF8(wide, bytes + 1, &length, text, bytes, &status);
	int32_t room = length * 18 + 1; // NFKD's longest, one ligature for eighteen letters
	UChar *apart = arena_alloc(arena, (size_t)room * sizeof *apart);
	length = unorm2_normalize(unorm2_getNFKDInstance(&status), wide, length, apart, room, &status);
	char *out = arena_alloc(arena, (size_t)length * 3 + 2);
	int32_t made = 0;
	bool gap = false;
	for (int32_t at = 0; U_SUCCESS(status) && at < length;) {
		UChar32 letter;
		U16_NEXT(apart, at, length, letter);
		if (u_getCombiningClass(letter) || cell_is_blank(letter))
			gap |= u_isUWhiteSpace(letter);
		else if (!u_isalnum(letter))
			gap = true;
		else {
			if (gap && made)
				out[made++] = ' ';
			gap = false;
			letter = plain_letter(u_foldCase(letter, U_FOLD_CASE_DEFAULT));
			U8_APPEND_UNSAFE(out, made, letter);
		}
	}
	out[made] = '\0';
	return out;
}

// How well a folded heading names the field: 2 exactly, 1 by its first words, 0 not.
static int likeness(const struct ingest_field *field, const char *heading)
{
	int best = 0;
	for (int i = 0; field->headings[i] && best < 2; i++) {
		size_t length = strlen(field->headings[i]);
		if (strncmp(heading, field->headings[i], length) != 0 || (heading[length] && heading[length] != ' '))
			continue;
		best = heading[length] ? 1 : 2;
	}
	return best;
}

static const char *cell_at(const struct ingest_row *row, int column)
{
	return column < row->cells ? row->cell[column] : "";
}

static bool looks_like_address(const char *text)
{
	return address_is_plausible(text, strlen(text)) || (strchr(text, '@') && strchr(text, '<'));
}

bool ingest_has_header(const struct ingest_table *table, const struct ingest_field *fields)
{
	if (table->format == INGEST_ADDRESSES)
		return false;
	struct arena *arena = arena_new();
	const struct ingest_row *first = &table->row[0];
	bool known = false, address = false;
	for (int column = 0; column < first->cells; column++) {
		const char *heading = ingest_fold(arena, first->cell[column]);
		address |= looks_like_address(first->cell[column]);
		for (int i = 0; fields[i].name; i++)
			known |= likeness(&fields[i], heading) > 0;
	}
	arena_free(arena);
	return known && !address;
}

struct mapper {
	const struct ingest_table *table;
	const struct ingest_field *fields;
	const char **mapping;
};

static bool is_field(const struct ingest_field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (!strcmp(fields->name, name))
			return true;
	return false;
}

static bool is_taken(const struct mapper *mapper, const char *field)
{
	for (int column = 0; column < mapper->table->columns; column++)
		if (!strcmp(mapper->mapping[column], field))
			return true;
	return false;
}

static void take_free_columns(const struct mapper *mapper, const char *const *headings, int quality)
{
	for (int column = 0; column < mapper->table->columns; column++)
		for (const struct ingest_field *field = mapper->fields; field->name && !strcmp(mapper->mapping[column], "ignore"); field++)
			if (likeness(field, headings[column]) >= quality && !is_taken(mapper, field->name))
				mapper->mapping[column] = field->name;
}

// Of the sampled rows, those whose cell is an address, and those whose cell is words.
static void look_into(const struct mapper *mapper, int column, bool has_header, int *addresses, int *words)
{
	*addresses = *words = 0;
	for (int i = has_header; i < mapper->table->rows && i < SAMPLE; i++) {
		const char *text = cell_at(&mapper->table->row[i], column);
		*addresses += looks_like_address(text);
		*words += *text && !looks_like_address(text) && !strpbrk(text, "0123456789@");
	}
}

static void guess_by_content(const struct mapper *mapper, bool has_header)
{
	int most = 0, email = -1, name = -1;
	for (int column = 0; column < mapper->table->columns; column++) {
		int addresses, words;
		if (strcmp(mapper->mapping[column], "ignore") != 0)
			continue;
		look_into(mapper, column, has_header, &addresses, &words);
		if (addresses > most)
			most = addresses, email = column;
		if (name < 0 && words > addresses)
			name = column;
	}
	if (email >= 0 && is_field(mapper->fields, "email") && !is_taken(mapper, "email"))
		mapper->mapping[email] = "email";
	if (!has_header && name >= 0 && is_field(mapper->fields, "name") && !is_taken(mapper, "name"))
		mapper->mapping[name] = "name";
}

const char **ingest_mapping(const struct ingest_table *table, const struct ingest_field *fields, bool has_header, struct arena *arena)
{
	struct mapper mapper = {.table = table, .fields = fields, .mapping = arena_alloc(arena, ((size_t)table->columns + 1) * sizeof(char *))};
	const char **headings = arena_alloc(arena, ((size_t)table->columns + 1) * sizeof *headings);
	for (int column = 0; column < table->columns; column++) {
		mapper.mapping[column] = "ignore";
		headings[column] = has_header ? ingest_fold(arena, cell_at(&table->row[0], column)) : "";
	}
	// What is said exactly goes before what only begins alike.
	take_free_columns(&mapper, headings, 2);
	take_free_columns(&mapper, headings, 1);
	guess_by_content(&mapper, has_header);
	return mapper.mapping;
}
