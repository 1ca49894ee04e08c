// cells.h: what JSON, CSV and template values have in common about a row's cells. Private to represent/.
#pragma once

#include <stdbool.h>

struct arena;
struct buffer;
struct column;
struct represent_links;

bool cell_hidden(const struct column *column); // `_cursor` and the like
// The text to show: the links' where the column is one of theirs. NULL stays NULL.
const char *cell_text(const struct column *column, const char *value, const struct represent_links *links, struct arena *arena);
// PostgreSQL's timestamptz as RFC 3339; what is no timestamp ("infinity") as it is.
void cell_write_time(struct buffer *out, const char *timestamptz);
// JSON has no NaN and no Infinity.
bool cell_is_finite(const char *number);
