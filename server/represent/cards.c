// cards.c: people as vCards (RFC 2426): for the telephone's contacts and the mail program's address book.
//
// A person here has one name, as they write it, and perhaps one to sort by. A card wants the parts of a name: they are worked out from
// both, and `FN` keeps the name as it is.
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/cells.h"
#include "represent/ics.h"
#include "represent/sheet.h"

struct card {
	struct buffer *out;
	struct buffer line;
	struct arena *arena;
	const struct rows *rows;
	int row;
};

struct name {
	const char *titles, *given, *family;
};

static const char *trimmed(struct arena *arena, const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return arena_slice(arena, text, length);
}

// "dr hab. inż." before a name. An initial ("J.") is a part of the name.
static size_t titles_length(const char *name)
{
	static const char *const bare[] = {"dr", "mgr", "prof"};
	size_t length = 0;
	for (;;) {
		size_t word = strcspn(name + length, " ");
		bool title = word > 2 && name[length + word - 1] == '.';
		for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
			title = title || (strlen(bare[i]) == word && strncmp(name + length, bare[i], word) == 0);
		if (!title || name[length + word] != ' ')
			return length;
		length += word + strspn(name + length + word, " ");
	}
}

// The longest end of the name with which the name to sort by begins: "Jan de Vries" sorted as "de Vries Jan". NULL: there is none.
static const char *family_by_sorting(const char *name, const char *sort_name)
{
	for (const char *word = name; word && *word; word = strchr(word, ' ')) {
		word += strspn(word, " ");
		size_t length = strlen(word);
		bool ends = strncmp(sort_name, word, length) == 0 && strchr(", ", sort_name[length]) != NULL; // the end of the text too
		if (ends && word != name)
			return word;
	}
	return NULL;
}

// NULL: it is the first.
static const char *word_before(const char *name, const char *word)
{
	while (word > name && word[-1] == ' ')
		word--;
	if (word == name)
		return NULL;
	while (word > name && word[-1] != ' ')
		word--;
	return word;
}

// The last word, with what is written small before it: "van der Berg".
static const char *family_by_place(const char *name)
{
	const char *family = word_before(name, name + strlen(name)), *before;
	while (family && (before = word_before(name, family)) && before > name && islower((unsigned char)*before))
		family = before;
	return family ? family : name;
}

static struct name parts_of(struct arena *arena, const char *whole, const char *sort_name)
{
	size_t titles = titles_length(whole);
	const char *name = whole + titles, *family = sort_name ? family_by_sorting(name, sort_name) : NULL;
	if (!family)
		family = family_by_place(name);
	return (struct name){.titles = trimmed(arena, whole, titles),
	    .given = trimmed(arena, name, (size_t)(family - name)),
	    .family = arena_copy(arena, family)};
}

static void text_line(struct card *card, const char *property, const char *text)
{
	if (!text || !*text)
		return;
	buffer_print(&card->line, "%s:", property);
	ics_add_text(&card->line, text);
	ics_end_line(card->out, &card->line);
}

static void column_line(struct card *card, const char *property, const char *column)
{
	text_line(card, property, rows_text(card->rows, card->row, column));
}

// N:family;given;additional;titles;
static void name_lines(struct card *card)
{
	const char *whole = rows_text(card->rows, card->row, "name");
	struct name name = parts_of(card->arena, whole ? whole : "", rows_text(card->rows, card->row, "sort_name"));
	buffer_puts(&card->line, "N:");
	ics_add_text(&card->line, name.family);
	buffer_putc(&card->line, ';');
	ics_add_text(&card->line, name.given);
	buffer_puts(&card->line, ";;");
	ics_add_text(&card->line, name.titles);
	buffer_putc(&card->line, ';');
	ics_end_line(card->out, &card->line);
	text_line(card, "FN", whole ? whole : "-");
}

static void write_card(struct card *card)
{
	const char *id = rows_text(card->rows, card->row, "id"), *changed = rows_text(card->rows, card->row, "updated_at");
	ics_put(card->out, "BEGIN:VCARD");
	ics_put(card->out, "VERSION:3.0");
	ics_put(card->out, "PRODID:-//Narada//Narada//EN");
	// The same person, imported again, is the same card.
	text_line(card, "UID", id ? arena_print(card->arena, "urn:uuid:%s", id) : NULL);
	name_lines(card);
	column_line(card, "ORG", "organisation");
	column_line(card, "TITLE", "position");
	column_line(card, "EMAIL;TYPE=INTERNET", "email");
	column_line(card, "TEL;TYPE=WORK,VOICE", "phone");
	if (changed) {
		buffer_puts(&card->line, "REV:");
		cell_write_time(&card->line, changed);
		ics_end_line(card->out, &card->line);
	}
	ics_put(card->out, "END:VCARD");
}

void represent_cards(struct buffer *out, const struct rows *rows, struct arena *scratch)
{
	struct card card = {.out = out, .arena = scratch, .rows = rows};
	buffer_init(&card.line, scratch);
	for (; card.row < rows->count; card.row++)
		write_card(&card);
}
