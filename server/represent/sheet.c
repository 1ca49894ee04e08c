// sheet.c: which columns a table has, and what they are called.
#include "represent/sheet.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "represent/cells.h"
#include "represent/words.h"

// Whose values have words, and where. `sheet` NULL: in every list.
static const struct {
	const char *sheet, *column, *words;
} values[] = {
    {NULL, "response", "response"},
    {NULL, "mode", "invitation.choice.mode"},
    {NULL, "state", "attendance.choice.state"},
    {NULL, "recorded_as", "attendance.choice.recorded_as"},
    {NULL, "delivery", "invitation.choice.delivery"},
    {NULL, "role", "speaker.choice.role"},
    {NULL, "joining", "agenda.choice.joining"},
    {NULL, "affiliation", "organisation.choice.affiliation"},
    {NULL, "status", "status"},
    {NULL, "format", "meeting.choice.format"},
    {"agenda", "kind", "agenda.choice.kind"},
    {"organisations", "kind", "organisation.choice.kind"},
    {"register", "cells", "register.state"},
    {"statistics", "of", "register.what"},
};

struct planning {
	const struct rows *rows;
	const struct represent_wish *wish;
	struct arena *arena;
	struct problem *why;
	struct represent_column *column;
	int columns;
	int *taken; // how often each column of the rows was
};

static const json_t *words_below(const char *language, const char *path)
{
	const json_t *words = words_tree(language);
	while (words && *path) {
		size_t length = strcspn(path, ".");
		words = json_object_getn(words, path, length);
		path += length + (path[length] == '.');
	}
	return words;
}

static const json_t *words_of_values(const struct represent_wish *wish, const char *column)
{
	for (size_t i = 0; wish->language && i < sizeof values / sizeof *values; i++)
		if (strcmp(values[i].column, column) == 0 && (!values[i].sheet || strcmp(values[i].sheet, wish->name) == 0))
			return words_below(wish->language, values[i].words);
	return NULL;
}

static const char *heading(const struct planning *planning, const char *name)
{
	const struct represent_wish *wish = planning->wish;
	if (!wish->language)
		return name;
	const char *own = words_text(wish->language, arena_print(planning->arena, "sheet.of.%s.%s", wish->name, name));
	const char *word = own ? own : words_text(wish->language, arena_print(planning->arena, "sheet.column.%s", name));
	return word ? word : name;
}

static bool is_spread(const struct planning *planning, int source)
{
	const struct column *column = &planning->rows->column[source];
	const char *name = column->name + cell_hidden(column);
	return planning->wish->spread && column->kind == COLUMN_JSON && (name == column->name || strcmp(name, "answers") == 0);
}

// NULL: it is not for showing.
static const char *shown_name(const struct planning *planning, int source)
{
	const struct column *column = &planning->rows->column[source];
	if (is_spread(planning, source))
		return column->name + cell_hidden(column);
	return cell_hidden(column) ? NULL : column->name;
}

static void take_spread(struct planning *planning, int source)
{
	const struct rows *spread = planning->wish->spread;
	const json_t *words = words_of_values(planning->wish, shown_name(planning, source));
	for (int i = 0; i < spread->count; i++) {
		const char *name = rows_text(spread, i, "name");
		planning->column[planning->columns++] = (struct represent_column){
		    .heading = arena_copy(planning->arena, name ? name : ""), .kind = COLUMN_JSON, .source = source, .cell = i, .words = words};
	}
}

static void take(struct planning *planning, int source)
{
	const char *name = shown_name(planning, source);
	planning->taken[source]++;
	if (is_spread(planning, source)) {
		take_spread(planning, source);
		return;
	}
	planning->column[planning->columns++] = (struct represent_column){.heading = arena_copy(planning->arena, heading(planning, name)),
	    .kind = planning->rows->column[source].kind,
	    .source = source,
	    .cell = -1,
	    .words = words_of_values(planning->wish, name)};
}

static const char *all_names(const struct planning *planning)
{
	const char *names = "";
	for (int i = 0; i < planning->rows->columns; i++)
		if (shown_name(planning, i))
			names = arena_print(planning->arena, "%s%s%s", names, *names ? ", " : "", shown_name(planning, i));
	return names;
}

static void take_by_name(struct planning *planning, const char *wanted)
{
	for (int i = 0; i < planning->rows->columns; i++) {
		const char *name = shown_name(planning, i);
		if (!name || strcmp(name, wanted) != 0)
			continue;
		if (planning->taken[i])
			problem_add(planning->why, planning->arena, "?columns", "repeated",
			    arena_print(planning->arena, "The column `%s` can be wanted only once.", wanted));
		else
			take(planning, i);
		return;
	}
	problem_add(planning->why, planning->arena, "?columns", "unknown_column",
	    arena_print(planning->arena, "There is no column `%s`. There are: %s.", wanted, all_names(planning)));
}

bool represent_sheet_plan(
    struct represent_sheet *sheet, const struct rows *rows, const struct represent_wish *wish, struct arena *arena, struct problem *why)
{
	size_t most = (size_t)rows->columns + (wish->spread ? (size_t)wish->spread->count : 0) + 1;
	struct planning planning = {.rows = rows, .wish = wish, .arena = arena, .why = why};
	planning.column = arena_alloc(arena, most * sizeof *planning.column);
	planning.taken = arena_alloc(arena, ((size_t)rows->columns + 1) * sizeof *planning.taken);
	for (int i = 0; !wish->columns && i < rows->columns; i++)
		if (shown_name(&planning, i))
			take(&planning, i);
	for (const char *const *name = wish->columns; name && *name; name++)
		take_by_name(&planning, *name);
	*sheet = (struct represent_sheet){.columns = planning.columns, .column = planning.column};
	if (wish->language) {
		sheet->yes = words_text(wish->language, "form.yes");
		sheet->no = words_text(wish->language, "form.no");
	}
	return why->kind == PROBLEM_NONE;
}

const char *represent_sheet_word(const struct represent_column *column, const char *value)
{
	const char *word = column->words ? json_string_value(json_object_get(column->words, value)) : NULL;
	return word ? word : value;
}

const char *represent_sheet_title(const char *name, const char *language)
{
	const json_t *titles = words_below(language, "sheet.title");
	const char *title = json_string_value(json_object_get(titles, name));
	return title ? title : name;
}
