// value.c: JSON values held against their schema, all of them, and put right where people and machines write the same thing differently.
#include "contract/inside.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

int property_index(const struct contract_schema *schema, const char *name, size_t length)
{
	for (int i = 0; i < schema->properties; i++)
		if (!strncmp(schema->property[i].name, name, length) && !schema->property[i].name[length])
			return i;
	return -1;
}

static int add_bytes(const char *bytes, size_t length, void *out)
{
	buffer_add(out, bytes, length);
	return 0;
}

const char *value_text(json_t *value, struct arena *arena)
{
	struct buffer out;
	switch (json_typeof(value)) {
	case JSON_NULL:
		return NULL;
	case JSON_STRING:
		return json_string_value(value);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		buffer_init(&out, arena);
		json_dump_callback(value, add_bytes, &out, JSON_COMPACT | JSON_ENCODE_ANY);
		return out.data;
	}
}

static const char *type_name(unsigned types)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{TYPE_STRING, "a string"}, {TYPE_INTEGER, "an integer"}, {TYPE_NUMBER, "a number"}, {TYPE_BOOLEAN, "true or false"},
	    {TYPE_OBJECT, "an object"}, {TYPE_ARRAY, "an array"}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (types & names[i].bit)
			return names[i].name;
	return "null";
}

static unsigned type_of(json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return TYPE_OBJECT;
	case JSON_ARRAY:
		return TYPE_ARRAY;
	case JSON_STRING:
		return TYPE_STRING;
	case JSON_INTEGER:
		return TYPE_INTEGER | TYPE_NUMBER;
	case JSON_REAL:
		return TYPE_NUMBER;
	case JSON_NULL:
		return TYPE_NULL;
	default:
		return TYPE_BOOLEAN;
	}
}

static void check_range(struct check *check, const struct contract_schema *schema, json_t *value, const struct place *place)
{
	double number = json_number_value(value);
	if (schema->has_minimum && number < schema->minimum)
		fault(check, place, "too_small", arena_print(check->arena, "Must be at least %.15g.", schema->minimum));
	else if (schema->has_maximum && number > schema->maximum)
		fault(check, place, "too_big", arena_print(check->arena, "Must be at most %.15g.", schema->maximum));
}

static void check_elements(struct check *check, const struct contract_schema *schema, json_t *array, const struct place *place)
{
	long count = (long)json_array_size(array);
	if (schema->min_items >= 0 && count < schema->min_items)
		fault(check, place, "too_few", arena_print(check->arena, "Must have at least %ld entries.", schema->min_items));
	if (schema->max_items >= 0 && count > schema->max_items) {
		fault(check, place, "too_many", arena_print(check->arena, "Must have at most %ld entries.", schema->max_items));
		return;
	}
	for (long i = 0; i < count && !fault_full(check); i++) {
		struct place element = {.up = place, .index = i};
		// A query parameter has one name for all its values.
		json_t *better =
		    check_value(check, schema->items, json_array_get(array, (size_t)i), place->name && *place->name == '?' ? place : &element);
		if (better)
			json_array_set_new(array, (size_t)i, better);
	}
}

// A form has no field for an object: what is missing are the fields in it.
static void fault_missing(struct check *check, const struct contract_property *property, const struct place *place)
{
	bool asked = false;
	if (check->form && property->schema->types & TYPE_OBJECT)
		for (int i = 0; i < property->schema->properties; i++) {
			const struct contract_property *inner = &property->schema->property[i];
			if (!inner->required)
				continue;
			fault_missing(check, inner, &(struct place){.up = place, .name = inner->name});
			asked = true;
		}
	if (!asked)
		fault(check, place, "required", "Must be given.");
}

static void check_members(struct check *check, const struct contract_schema *schema, json_t *object, const struct place *place)
{
	size_t known = 0;
	for (int i = 0; i < schema->properties && !fault_full(check); i++) {
		const struct contract_property *property = &schema->property[i];
		struct place member = {.up = place, .name = property->name};
		json_t *value = json_object_get(object, property->name);
		if (!value) {
			if (property->required && !check->filed)
				fault_missing(check, property, &member);
			continue;
		}
		known++;
		json_t *better = check_value(check, property->schema, value, &member);
		if (better)
			json_object_set_new(object, property->name, better);
	}
	if (known == json_object_size(object))
		return;
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		if (fault_full(check))
			return;
		if (property_index(schema, name, strlen(name)) < 0)
			fault(check, &(struct place){.up = place, .name = name}, "unknown_member", "There is no such member.");
	}
}

static bool wrong_type(struct check *check, const struct contract_schema *schema, json_t *value, const struct place *place)
{
	if (json_is_null(value)) {
		fault(check, place, "not_null", "Must not be null.");
		return true;
	}
	if (check->form && json_is_string(value) && !*json_string_value(value))
		fault(check, place, "required", "Must not be empty.");
	else
		fault(check, place, "wrong_type", arena_print(check->arena, "Must be %s.", type_name(schema->types)));
	return true;
}

json_t *check_value(struct check *check, const struct contract_schema *schema, json_t *value, const struct place *place)
{
	unsigned type = type_of(value);
	// 5.0 is an integer to JSON Schema; beyond 2^53 it would be a guess which.
	bool whole = json_is_real(value) && schema->types & TYPE_INTEGER && fabs(json_real_value(value)) < 9007199254740992.0 &&
	             trunc(json_real_value(value)) == json_real_value(value);
	if (schema->types && !(schema->types & type) && !whole) {
		wrong_type(check, schema, value, place);
		return NULL;
	}
	if (json_is_string(value)) {
		const char *text = json_string_value(value), *kept = check_text(check, schema, text, place);
		return kept != text ? json_string(kept) : NULL;
	}
	if (json_is_number(value))
		check_range(check, schema, value, place);
	else if (json_is_array(value) && schema->items)
		check_elements(check, schema, value, place);
	else if (json_is_object(value) && schema->closed)
		check_members(check, schema, value, place);
	return whole && !(schema->types & TYPE_NUMBER) ? json_integer((json_int_t)json_real_value(value)) : NULL;
}

static bool has_required(const struct contract_schema *schema, json_t *object)
{
	for (int i = 0; i < schema->properties; i++)
		if (schema->property[i].required && !json_object_get(object, schema->property[i].name))
			return false;
	return true;
}

// Was a field of a required member on the form, even if left empty? Then this is the branch that was meant.
static bool was_shown(const struct contract_schema *schema, const struct contract_typed *typed)
{
	for (; typed; typed = typed->next)
		for (int i = 0; i < schema->properties; i++) {
			const char *name = schema->property[i].name;
			size_t length = strlen(name);
			if (schema->property[i].required && !strncmp(typed->name, name, length) && (!typed->name[length] || typed->name[length] == '.'))
				return true;
		}
	return false;
}

static const char *branches_detail(struct arena *arena, const struct contract_schema *body, const char *start)
{
	const char *list = start;
	for (const struct contract_schema *const *branch = body->one_of; *branch; branch++) {
		const char *names = "";
		for (int i = 0; i < (*branch)->properties; i++)
			if ((*branch)->property[i].required)
				names = arena_print(arena, "%s%s%s", names, *names ? " and " : "", (*branch)->property[i].name);
		list = arena_print(arena, "%s%s%s", list, branch == body->one_of ? " " : ", or ", names);
	}
	return arena_print(arena, "%s.", list);
}

static void check_one_of(struct check *check, const struct contract_schema *body, json_t *value, const struct contract_typed *typed)
{
	const struct place root = {.name = ""};
	const struct contract_schema *fitting = NULL, *shown = NULL;
	int fit = 0, were_shown = 0;
	for (const struct contract_schema *const *branch = body->one_of; *branch; branch++) {
		if (has_required(*branch, value)) {
			fitting = *branch;
			fit++;
		}
		if (was_shown(*branch, typed)) {
			shown = *branch;
			were_shown++;
		}
	}
	if (fit == 0 && were_shown == 1)
		fitting = shown;
	if (fit == 1 || (fit == 0 && were_shown == 1)) {
		check_members(check, fitting, value, &root);
		return;
	}
	if (fit == 0)
		fault(check, &root, "required", branches_detail(check->arena, body, "One of these must be given:"));
	else
		fault(check, &root, "not_a_choice", branches_detail(check->arena, body, "Only one of these can be given:"));
	check_members(check, body, value, &root); // what is in it may still be wrong by itself
}

void check_body(struct check *check, const struct contract_operation *operation, json_t *body, const struct contract_typed *typed)
{
	const struct place root = {.name = ""};
	if (operation->body->one_of)
		check_one_of(check, operation->body, body, typed);
	else
		check_members(check, operation->body, body, &root);
}
