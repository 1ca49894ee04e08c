// form.c: a urlencoded body: its fields as typed, and the reserved ones taken out.
#include "contract/inside.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

// A name's dots become objects within objects when a form is shown again: without a limit they would nest deeper than any stack.
enum { MAX_FIELDS = 2000, MAX_NAME = 200 };

struct field {
	const char *name, *value;
};

// The next `name=value` at *at; false at the end. `name` is NULL where an escape is broken.
static bool next_field(const char **at, const char *end, struct field *field, struct arena *arena)
{
	while (*at < end && **at == '&')
		++*at;
	if (*at >= end)
		return false;
	const char *stop = memchr(*at, '&', (size_t)(end - *at));
	if (!stop)
		stop = end;
	const char *equals = memchr(*at, '=', (size_t)(stop - *at));
	const char *name_end = equals ? equals : stop, *value = equals ? equals + 1 : stop;
	field->name = contract_decode(arena, *at, (size_t)(name_end - *at), true);
	field->value = contract_decode(arena, value, (size_t)(stop - value), true);
	if (!field->value)
		field->name = NULL;
	*at = stop;
	return true;
}

// True if it was a reserved field.
static bool take_reserved(struct form *form, const struct field *field)
{
	if (!strcmp(field->name, "_method"))
		return true; // it was looked at before routing
	if (!strcmp(field->name, "_if_match"))
		form->if_match = *field->value ? field->value : NULL;
	else if (!strcmp(field->name, "_time_zone"))
		form->time_zone = *field->value ? field->value : NULL;
	else if (!strcmp(field->name, "_return"))
		form->back = contract_is_own_path(field->value) ? field->value : NULL;
	else if (!strcmp(field->name, "_form"))
		form->token = field->value;
	else
		return false;
	return true;
}

bool form_add(struct form *form, const char *name, const char *value, struct arena *arena, struct problem *why)
{
	const struct field field = {name, value};
	if (++form->count > MAX_FIELDS)
		return refuse(why, PROBLEM_BAD_REQUEST, "The form has too many fields.", "bad_form");
	if (strlen(name) > MAX_NAME)
		return refuse(why, PROBLEM_BAD_REQUEST, "The form has a field whose name is too long.", "bad_form");
	if (take_reserved(form, &field))
		return true;
	struct contract_typed *typed = arena_alloc(arena, sizeof *typed);
	*typed = (struct contract_typed){.name = name, .value = value};
	if (form->last)
		form->last->next = typed;
	else
		form->first = typed;
	form->last = typed;
	return true;
}

bool form_read(struct form *form, const char *body, size_t length, struct arena *arena, struct problem *why)
{
	const char *at = body, *end = body + length;
	struct field field;
	*form = (struct form){0};
	while (next_field(&at, end, &field, arena)) {
		if (!field.name)
			return refuse(why, PROBLEM_BAD_REQUEST, "The form is not urlencoded UTF-8.", "bad_form");
		if (!form_add(form, field.name, field.value, arena, why))
			return false;
	}
	return true;
}

const char *contract_method_override(const char *method, const char *content_type, const char *body, size_t length, struct arena *arena)
{
	static const char urlencoded[] = "application/x-www-form-urlencoded";
	static const char *const allowed[] = {"PATCH", "PUT", "DELETE"};
	if (strcmp(method, "POST") != 0 || !content_type || strncasecmp(content_type, urlencoded, sizeof urlencoded - 1) != 0)
		return NULL;
	const char *at = body;
	struct field field;
	while (next_field(&at, body + length, &field, arena)) {
		if (!field.name || strcmp(field.name, "_method") != 0)
			continue;
		for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
			if (!strcasecmp(field.value, allowed[i]))
				return allowed[i];
		return NULL;
	}
	return NULL;
}
