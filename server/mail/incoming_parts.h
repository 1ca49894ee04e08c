// incoming_parts.h: what the readers of incoming mail share.
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct incoming;

// One line of valid UTF-8: other bytes are replaced, control characters are spaces, what is beyond `most` bytes is gone. NULL stays NULL,
// nothing but spaces becomes NULL.
char *incoming_line(struct arena *arena, const char *text, size_t most);
char *incoming_lines(struct arena *arena, const char *text, size_t most); // line breaks stay
// A part's content, decoded and in UTF-8 whatever its charset says; ends with a NUL, holds none.
char *incoming_text(struct arena *arena, GMimePart *part);

// incoming_clean.c: a copy without what could be too much for the parser.
char *incoming_clean(struct arena *arena, const char *bytes, size_t length, size_t *clean_length);
// calendar_in.c: fills `event` and the kind; false: it is no REPLY or COUNTER that can be read, and `trouble` says so.
bool calendar_read(struct incoming *incoming, const char *text, struct arena *arena);
// bounce.c: fills `bounce` from the fields of a message/delivery-status.
void bounce_read(struct incoming *incoming, const char *fields, struct arena *arena);
// The same from what people are told: the first "5.1.1" or "550" in it.
void bounce_guess(struct incoming *incoming, const char *text, const char *recipient, struct arena *arena);
