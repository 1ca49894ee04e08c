// inside.h: what the files of this room share with each other and with nobody else.
//
// Room rules: as contract.h. Everything given back lives in the check's arena or is static.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract/contract.h"

struct arena;

// One run over one request. Faults are added to `why`; the run goes on to find more.
struct check {
	struct arena *arena;
	struct problem *why;
	bool form;        // what is checked was typed into a form: trimmed, and date-times may be local
	const char *zone; // of local date-times, or NULL
	bool filed;       // a file came along, which may say it all: no member is required
	int faults;
};

// Where in a request a value stands; written out only when it is faulty.
struct place {
	const struct place *up;
	const char *name; // the outermost: "" for a body, "?limit" for a query parameter
	long index;       // of an array's element, where `name` is NULL
};
const char *place_pointer(const struct place *place, struct arena *arena);
void fault(struct check *check, const struct place *place, const char *code, const char *detail);
bool fault_full(const struct check *check); // enough said: a body of a million faults is not answered with a million

// string.c: normalises (NFC, line ends, what surrounds a form's value) and checks one string. Gives the text to keep.
const char *check_text(struct check *check, const struct contract_schema *schema, const char *text, const struct place *place);

// pattern.c
bool pattern_fits(const char *pattern, const char *text, struct arena *arena); // the whole text

// format.c: NULL if `text` has that format, else the code of the fault and *detail. *text may be replaced by its canonical form.
const char *format_fault(struct check *check, enum contract_format format, const char **text, const char **detail);
bool format_is_zone(const char *text);

// zone.c: a wall clock's time in a zone.
struct wall {
	int year, month, day, hour, minute, second;
};
enum zone_answer { ZONE_ONCE, ZONE_NEVER, ZONE_TWICE };
int64_t wall_seconds(const struct wall *wall); // since 1970, as if it were UTC
void wall_from_seconds(struct wall *wall, int64_t seconds);
enum zone_answer zone_to_utc(const char *zone, const struct wall *wall, int64_t *seconds, struct arena *arena);

// value.c: checks a JSON value, putting right what is normalised. Gives a new value where it must be replaced, else NULL.
json_t *check_value(struct check *check, const struct contract_schema *schema, json_t *value, const struct place *place);
void check_body(struct check *check, const struct contract_operation *operation, json_t *body, const struct contract_typed *typed);
const char *value_text(json_t *value, struct arena *arena);                                // as a statement gets it: NULL for null
int property_index(const struct contract_schema *schema, const char *name, size_t length); // -1: none

// json.c: refuses 400 with the position.
json_t *json_read(const char *body, size_t length, struct arena *arena, struct problem *why);

// form.c: a urlencoded body.
struct form {
	const struct contract_typed *first;
	struct contract_typed *last;
	int count;
	const char *if_match, *time_zone, *back, *token; // the reserved fields; NULL if absent
};
bool form_read(struct form *form, const char *body, size_t length, struct arena *arena, struct problem *why);
// Adds a field, or takes it out if it is reserved. False: refused.
bool form_add(struct form *form, const char *name, const char *value, struct arena *arena, struct problem *why);
// multipart.c: a form with files (RFC 7578); of several, the first that is not empty.
bool multipart_read(
    struct form *form, struct contract_file *file, const struct contract_request *request, struct arena *arena, struct problem *why);
// form_tree.c: the fields as the JSON value that the schema describes. `schema` NULL: none may be there.
json_t *form_tree(struct check *check, const struct form *form, const struct contract_schema *schema, bool merge_patch);
// A field's text as the schema's type; a string where it does not fit.
json_t *form_leaf(const struct contract_schema *schema, const char *text, struct arena *arena);

// query.c
bool query_check(struct check *check, struct contract_input *input, const char *query, enum contract_form form);
// precondition.c: the version in an entity tag. Refuses 400 and 412.
bool precondition_read(const char *text, bool header, const char **version, struct arena *arena, struct problem *why);
// text.c
char *text_trim(struct arena *arena, const char *text); // without whitespace and zero-width characters at both ends
bool text_is_utf8(const char *text, size_t length);
uint16_t *text_wide(struct arena *arena, const char *text, int32_t *length);                    // UTF-16
bool cursor_open(const char *cursor, const char *list, const char **json, struct arena *arena); // `list`: the operation that gave it
