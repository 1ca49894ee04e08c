// field.c: one field of a form: what its label, value, error and choices are. How it looks is the partial field_<kind>.html.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/view.h"
#include "represent/words.h"

enum { MAX_FLAGS = 24 };

struct flag {
	const char *name, *value; // value is NULL without "="
};

struct field {
	const struct mustache_scope *scope;
	const char *language;
	struct arena *arena;
	const char *subject, *operation, *member, *kind;
	struct flag flag[MAX_FLAGS];
	int flags;
};

// Flags that mean something here; any other with a value is an attribute.
static const char *const own_flags[] = {"required", "current", "autofocus", "from", "value", "label", "hint", "name"};

// Takes one word, with its quotes off: placeholder="Jan Kowalski" gives placeholder=Jan Kowalski. NULL at the end.
static char *take_word(struct arena *arena, const char **at)
{
	*at += strspn(*at, " \t\r\n");
	if (!**at)
		return NULL;
	struct buffer word;
	buffer_init(&word, arena);
	bool quoted = false;
	for (; **at && (quoted || !strchr(" \t\r\n", **at)); (*at)++) {
		if (**at == '"')
			quoted = !quoted;
		else
			buffer_putc(&word, **at);
	}
	return word.data;
}

static struct flag read_flag(char *word)
{
	char *equals = strchr(word, '=');
	if (equals)
		*equals = '\0';
	return (struct flag){word, equals ? equals + 1 : NULL};
}

// "meeting.create_meeting title text required": false if there are not even these three.
static bool read_field(struct field *field, const char *text)
{
	char *subject = take_word(field->arena, &text), *dot = subject ? strchr(subject, '.') : NULL;
	field->member = take_word(field->arena, &text);
	field->kind = take_word(field->arena, &text);
	if (!dot || !field->member || !field->kind)
		return false;
	*dot = '\0';
	field->subject = subject;
	field->operation = dot + 1;
	for (char *word; field->flags < MAX_FLAGS && (word = take_word(field->arena, &text));)
		field->flag[field->flags++] = read_flag(word);
	return true;
}

static const struct flag *find_flag(const struct field *field, const char *name)
{
	for (int i = 0; i < field->flags; i++)
		if (strcmp(field->flag[i].name, name) == 0)
			return &field->flag[i];
	return NULL;
}

static bool is(const struct field *field, const char *kind)
{
	return strcmp(field->kind, kind) == 0;
}

// Kinds whose value is a list: `choose_many`, and those that show its choices in a way of their own.
static bool holds_several(const struct field *field)
{
	return strncmp(field->kind, "choose_many", strlen("choose_many")) == 0;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static const char *word_of(const struct field *field, const char *what)
{
	return words_text(field->language, arena_print(field->arena, "%s.%s.%s", field->subject, what, field->member));
}

// What the tag itself says, for fields that no word tells apart: label="Companion 2", or label=.name for what the scope has under that
// name.
static const char *own_or_word(const struct field *field, const char *flag, const char *word)
{
	const struct flag *own = find_flag(field, flag);
	if (!own || !own->value)
		return word_of(field, word);
	return own->value[0] == '.' ? json_string_value(mustache_find(field->scope, own->value + 1)) : own->value;
}

static json_t *of_form(const struct field *field, const char *what)
{
	return mustache_find(field->scope, arena_print(field->arena, "form.%s.%s.%s", field->operation, what, field->member));
}

// The problem's words for the error's code, else its own sentence.
static const char *error_text(const struct field *field)
{
	json_t *error = of_form(field, "errors");
	if (json_is_array(error))
		error = json_array_get(error, 0);
	json_t *code = json_is_object(error) ? json_object_get(error, "code") : error;
	if (!json_is_string(code))
		return json_string_value(json_object_get(error, "detail"));
	const char *word = words_text(field->language, arena_print(field->arena, "problem.%s", json_string_value(code)));
	const char *detail = json_string_value(json_object_get(error, "detail"));
	return word ? word : detail ? detail : view_untranslated(field->arena, json_string_value(code));
}

// A value as the text that a form sends: an object stands for its id, an instant is shown where the scope is.
static const char *plain_text(const struct field *field, json_t *value)
{
	if (json_is_object(value))
		value = json_object_get(value, "id");
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (json_is_number(value)) {
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
		char *copy = arena_copy(field->arena, text);
		free(text);
		return copy;
	}
	return json_string_value(value);
}

// What the scope has now; an instant becomes local time there, which is how a form shows and sends it.
static const char *current_text(const struct field *field, json_t *value)
{
	const char *text = plain_text(field, value);
	enum words_date style = is(field, "date_time") ? DATE_LOCAL_INPUT : DATE_INPUT;
	if (!text || (!is(field, "date_time") && !is(field, "date")))
		return text;
	const char *local = words_date(field->arena, field->language, view_zone(field->scope), text, style);
	return local ? local : text;
}

// The values of the field: borrowed, NULL for none. *typed: they come from a form that was refused.
static json_t *find_value(const struct field *field, bool *typed)
{
	json_t *value = of_form(field, "values");
	*typed = value != NULL;
	// Of several boxes, those not ticked are not sent: with a form at all, nothing means none.
	bool several = holds_several(field) && mustache_find(field->scope, arena_print(field->arena, "form.%s.values", field->operation));
	const struct flag *current = find_flag(field, "current");
	if (value || several || !current)
		return value;
	return mustache_find(field->scope, current->value ? current->value : field->member);
}

static const char *value_text(const struct field *field)
{
	bool typed;
	json_t *value = find_value(field, &typed);
	if (json_is_array(value) && !holds_several(field))
		value = json_array_get(value, json_array_size(value) - 1); // a hidden "false" before a box: the last one counts
	const struct flag *preset = find_flag(field, "value");
	const char *text = typed ? plain_text(field, value) : current_text(field, value);
	return text ? text : preset ? preset->value : NULL;
}

static bool is_selected(const struct field *field, const char *choice, const char *value)
{
	bool typed;
	if (!holds_several(field))
		return value && strcmp(choice, value) == 0;
	json_t *values = find_value(field, &typed), *one;
	if (!json_is_array(values))
		return value && strcmp(choice, value) == 0;
	size_t index;
	json_array_foreach(values, index, one)
	{
		const char *text = plain_text(field, one);
		if (text && strcmp(text, choice) == 0)
			return true;
	}
	return false;
}

// `row` is the part's row that the choice comes from, for partials that show more than its name; NULL: a word.
static void add_choice(const struct field *field, json_t *choices, const char *choice, const char *label, json_t *row, const char *value)
{
	if (choice)
		json_array_append_new(choices, json_pack("{s:s, s:s, s:b, s:O?}", "value", choice, "label", label ? label : choice, "selected",
		                                   is_selected(field, choice, value), "row", row));
}

static json_t *words_as_choices(const struct field *field, json_t *choices, json_t *words, const char *value)
{
	const char *key;
	json_t *word;
	json_object_foreach(words, key, word) add_choice(field, choices, key, json_string_value(word), NULL, value);
	return choices;
}

// From the words of the subject, in their order, from other words that `from` names, or from the rows of a part.
static json_t *choices_of(const struct field *field, const char *value)
{
	json_t *choices = json_array(), *inner;
	const struct flag *from = find_flag(field, "from");
	if (from && from->value) {
		size_t index;
		json_t *part = mustache_find(field->scope, from->value);
		if (json_is_object(part))
			return words_as_choices(field, choices, part, value);
		json_array_foreach(part, index, inner)
		    add_choice(field, choices, plain_text(field, inner), json_string_value(json_object_get(inner, "name")), inner, value);
		return choices;
	}
	const char *name = arena_print(field->arena, "w.%s.choice.%s", field->subject, field->member);
	return words_as_choices(field, choices, mustache_find(field->scope, name), value);
}

static bool is_own(const char *name)
{
	for (size_t i = 0; i < sizeof own_flags / sizeof *own_flags; i++)
		if (strcmp(own_flags[i], name) == 0)
			return true;
	return false;
}

static json_t *attributes_of(const struct field *field)
{
	json_t *attributes = json_array();
	for (int i = 0; i < field->flags; i++)
		if (field->flag[i].value && !is_own(field->flag[i].name))
			json_array_append_new(attributes, json_pack("{s:s, s:s}", "name", field->flag[i].name, "value", field->flag[i].value));
	return attributes;
}

static bool is_checked(const char *value)
{
	return value && (strcmp(value, "true") == 0 || strcmp(value, "on") == 0 || strcmp(value, "1") == 0);
}

static const char *id_of(const struct field *field)
{
	char *id = arena_print(field->arena, "%s-%s", field->operation, field->member);
	for (char *at = id; *at; at++)
		if (*at == '.')
			*at = '-';
	return id;
}

// Every member is there, so that none is taken from the scopes around.
static json_t *field_scope(const struct field *field)
{
	const char *label = own_or_word(field, "label", "field"), *value = value_text(field);
	const struct flag *name = find_flag(field, "name"); // several fields may make one list
	json_t *scope = json_object();
	json_object_set_new(scope, "id", json_string(id_of(field)));
	json_object_set_new(scope, "name", json_string(name ? name->value : field->member));
	json_object_set_new(scope, "kind", json_string(field->kind));
	json_object_set_new(scope, "label", json_string(label ? label : view_untranslated(field->arena, field->member)));
	json_object_set_new(scope, "hint", text_or_null(own_or_word(field, "hint", "hint")));
	json_object_set_new(scope, "error", text_or_null(error_text(field)));
	json_object_set_new(scope, "value", text_or_null(value));
	json_object_set_new(scope, "checked", json_boolean((is(field, "checkbox") || is(field, "consent")) && is_checked(value)));
	json_object_set_new(scope, "required", json_boolean(find_flag(field, "required")));
	json_object_set_new(scope, "autofocus", json_boolean(find_flag(field, "autofocus")));
	json_object_set_new(scope, "choices", choices_of(field, value));
	json_object_set_new(scope, "attributes", attributes_of(field));
	return scope;
}

char *field_render(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	const struct view *view = argument;
	struct field field = {.scope = scope, .language = view->language, .arena = arena};
	if (!read_field(&field, inner))
		return NULL;
	const struct mustache *template = view_template(arena_print(arena, "field_%s", field.kind), NULL);
	if (!template)
		return NULL;
	json_t *top = field_scope(&field);
	struct buffer out;
	buffer_init(&out, arena);
	mustache_render_within(scope, template, top, &out);
	json_decref(top);
	return out.data;
}
