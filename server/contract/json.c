// json.c: a JSON body, refused with its position where it is not one, or one too deep or too many-membered to be meant.
#include "contract/inside.h"

#include "base/arena.h"

enum { MAX_DEPTH = 32, MAX_VALUES = 50000 };

struct extent {
	int depth, deepest;
	long values;
};

// jansson would recurse into it first and ask later.
static struct extent measure(const char *body, size_t length)
{
	struct extent extent = {.values = 1};
	bool quoted = false;
	for (size_t at = 0; at < length; at++) {
		char byte = body[at];
		if (quoted) {
			if (byte == '\\')
				at++;
			else if (byte == '"')
				quoted = false;
		} else if (byte == '"') {
			quoted = true;
		} else if (byte == '{' || byte == '[') {
			extent.values++;
			if (++extent.depth > extent.deepest)
				extent.deepest = extent.depth;
		} else if (byte == '}' || byte == ']') {
			extent.depth--;
		} else if (byte == ',') {
			extent.values++;
		}
	}
	return extent;
}

static void drop(void *value)
{
	json_decref(value);
}

json_t *json_read(const char *body, size_t length, struct arena *arena, struct problem *why)
{
	struct extent extent = measure(body, length);
	if (extent.deepest > MAX_DEPTH) {
		refuse(why, PROBLEM_BAD_REQUEST, arena_print(arena, "The JSON is nested more than %d deep.", MAX_DEPTH), "json_too_deep");
		return NULL;
	}
	if (extent.values > MAX_VALUES) {
		refuse(why, PROBLEM_BAD_REQUEST, arena_print(arena, "The JSON has more than %d values.", MAX_VALUES), "json_too_big");
		return NULL;
	}
	json_error_t error;
	json_t *value = json_loadb(body, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value) {
		// jansson quotes what stood there, which a client may have made hostile; the position says it as well.
		static const char *const said[] = {
		    [json_error_premature_end_of_input] = "ends too early",
		    [json_error_end_of_input_expected] = "goes on after its end",
		    [json_error_invalid_utf8] = "is not UTF-8",
		    [json_error_null_character] = "contains a NUL character",
		    [json_error_null_byte_in_key] = "contains a NUL character",
		    [json_error_duplicate_key] = "has a member twice in one object",
		    [json_error_numeric_overflow] = "has a number that is too big",
		};
		enum json_error_code code = json_error_code(&error);
		const char *what = code < sizeof said / sizeof said[0] && said[code] ? said[code] : "has a mistake";
		refuse(why, PROBLEM_BAD_REQUEST,
		    arena_print(arena, "The JSON %s at line %d, column %d (byte %d).", what, error.line, error.column, error.position), "bad_json");
		return NULL;
	}
	arena_defer(arena, drop, value);
	if (!json_is_object(value)) {
		refuse(why, PROBLEM_BAD_REQUEST, "The body must be a JSON object.", "not_an_object");
		return NULL;
	}
	return value;
}
