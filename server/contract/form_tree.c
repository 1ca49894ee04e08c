// form_tree.c: a form's flat fields become the JSON value that the schema describes, so that one validator serves both.
//
// First the names are walked into the schema, every leaf a string; then the leaves get their types and what was left empty goes.
#include "contract/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static bool is_index(const char *token, size_t length)
{
	return length >= 1 && length <= 4 && strspn(token, "0123456789") >= length;
}

static json_t *member_or_new(json_t *object, const char *name, bool array)
{
	json_t *inner = json_object_get(object, name);
	if (!inner) {
		inner = array ? json_array() : json_object();
		json_object_set_new(object, name, inner);
	}
	return inner;
}

static json_t *element_or_new(json_t *array, size_t index)
{
	if (index == json_array_size(array))
		json_array_append_new(array, json_object());
	return json_array_get(array, index); // NULL: a gap
}

// Puts a value at a scalar's or a list's place. False: it is there already.
static bool set_leaf(json_t *object, const struct contract_property *property, const char *value)
{
	if (property->schema->types & TYPE_ARRAY)
		return !json_array_append_new(member_or_new(object, property->name, true), json_string(value));
	// A hidden `false` goes before a checkbox: the last one counts.
	if (json_object_get(object, property->name) && !(property->schema->types & TYPE_BOOLEAN))
		return false;
	return !json_object_set_new(object, property->name, json_string(value));
}

enum set_answer { SET_DONE, SET_UNKNOWN, SET_REPEATED };

static enum set_answer set_path(const struct contract_schema *schema, json_t *object, const char *path, const char *value)
{
	for (;;) {
		size_t length = strcspn(path, ".");
		int index = property_index(schema, path, length);
		if (index < 0)
			return SET_UNKNOWN;
		const struct contract_property *property = &schema->property[index];
		if (!path[length])
			return property->schema->types & TYPE_OBJECT ? SET_UNKNOWN : set_leaf(object, property, value) ? SET_DONE : SET_REPEATED;
		path += length + 1;
		schema = property->schema;
		if (schema->types & TYPE_ARRAY && schema->items->types & TYPE_OBJECT) {
			length = strcspn(path, ".");
			if (!is_index(path, length) || !path[length])
				return SET_UNKNOWN;
			object = element_or_new(member_or_new(object, property->name, true), strtoul(path, NULL, 10));
			path += length + 1;
			schema = schema->items;
		} else if (schema->types & TYPE_OBJECT) {
			object = member_or_new(object, property->name, false);
		} else {
			return SET_UNKNOWN;
		}
		if (!object)
			return SET_UNKNOWN;
	}
}

// One of JSON's numbers, all of it; strtod alone would also take "0x10", "nan" and " 1".
static json_t *number_of(const char *text, bool integer, struct arena *arena)
{
	size_t length = strlen(text);
	if (!length || length > 40 || strspn(text, integer ? "-0123456789" : "-+.0123456789eE") != length)
		return NULL;
	char *array = arena_print(arena, "[%s]", text);
	json_auto_t *parsed = json_loads(array, 0, NULL);
	json_t *value = json_array_size(parsed) == 1 ? json_array_get(parsed, 0) : NULL;
	return json_is_number(value) ? json_incref(value) : NULL;
}

json_t *form_leaf(const struct contract_schema *schema, const char *text, struct arena *arena)
{
	if (schema->types & TYPE_STRING || !schema->types)
		return json_string(text);
	const char *trimmed = text_trim(arena, text);
	json_t *value = NULL;
	if (schema->types & (TYPE_INTEGER | TYPE_NUMBER))
		value = number_of(trimmed, !(schema->types & TYPE_NUMBER), arena);
	else if (schema->types & TYPE_BOOLEAN && (!strcmp(trimmed, "true") || !strcmp(trimmed, "on")))
		value = json_true();
	else if (schema->types & TYPE_BOOLEAN && !strcmp(trimmed, "false"))
		value = json_false();
	return value ? value : json_string(trimmed);
}

static json_t *typed_value(struct check *check, const struct contract_schema *schema, json_t *raw, bool merge_patch);

// What an empty field means: nothing when creating; when patching null, or the fault of being empty where null is not allowed.
static json_t *empty_value(const struct contract_schema *schema, bool merge_patch)
{
	if (!merge_patch)
		return NULL;
	return schema->types & TYPE_NULL ? json_null() : json_string("");
}

static json_t *typed_array(struct check *check, const struct contract_schema *schema, json_t *raw, bool merge_patch)
{
	json_t *array = json_array(), *element;
	size_t index;
	json_array_foreach(raw, index, element)
	{
		json_t *value = typed_value(check, schema->items, element, false);
		if (value)
			json_array_append_new(array, value);
	}
	if (json_array_size(array) || merge_patch)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *typed_object(struct check *check, const struct contract_schema *schema, json_t *raw, bool merge_patch, bool root)
{
	json_t *object = json_object(), *member;
	const char *name;
	bool something = root;
	json_object_foreach(raw, name, member)
	{
		const struct contract_schema *inner = schema->property[property_index(schema, name, strlen(name))].schema;
		json_t *value = typed_value(check, inner, member, merge_patch);
		if (!value)
			continue;
		something |= !json_is_null(value) && !(json_is_string(value) && !*json_string_value(value));
		json_object_set_new(object, name, value);
	}
	if (something)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *typed_value(struct check *check, const struct contract_schema *schema, json_t *raw, bool merge_patch)
{
	if (json_is_array(raw))
		return typed_array(check, schema, raw, merge_patch);
	if (json_is_object(raw))
		return typed_object(check, schema, raw, merge_patch, false);
	const char *text = json_string_value(raw);
	if (!*text_trim(check->arena, text))
		return empty_value(schema, merge_patch);
	return form_leaf(schema, text, check->arena);
}

static void drop(void *value)
{
	json_decref(value);
}

// "doors.0.name" is "/doors/0/name".
static void fault_field(struct check *check, const char *name, const char *code, const char *detail)
{
	char *pointer = arena_print(check->arena, "/%s", name);
	for (char *dot = pointer; *dot; dot++)
		if (*dot == '.')
			*dot = '/';
	fault(check, &(struct place){.name = pointer}, code, detail);
}

json_t *form_tree(struct check *check, const struct form *form, const struct contract_schema *schema, bool merge_patch)
{
	json_auto_t *raw = json_object();
	for (const struct contract_typed *field = form->first; field; field = field->next) {
		enum set_answer answer = schema ? set_path(schema, raw, field->name, field->value) : SET_UNKNOWN;
		if (answer == SET_UNKNOWN)
			fault_field(check, field->name, "unknown_member", "There is no such field.");
		else if (answer == SET_REPEATED)
			fault_field(check, field->name, "repeated", "Can be given only once.");
	}
	json_t *tree = schema ? typed_object(check, schema, raw, merge_patch, true) : json_object();
	arena_defer(check->arena, drop, tree);
	return tree;
}
