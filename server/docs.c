// docs.c: the contract as a page: the served OpenAPI document reshaped for templates/docs.html.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/page.h"

static json_t *follow(json_t *document, json_t *thing)
{
	const char *reference = json_string_value(json_object_get(thing, "$ref"));
	if (reference == NULL || strncmp(reference, "#/", 2) != 0)
		return thing;
	json_t *at = document;
	for (const char *name = reference + 2; at != NULL && *name != '\0';) {
		size_t length = strcspn(name, "/");
		at = json_object_getn(at, name, length);
		name += length + (name[length] == '/');
	}
	return at;
}

// "string, date-time", "integer or null", "list of uuid": what a reader needs of a schema on one line.
static const char *kind(json_t *document, json_t *schema, struct arena *arena)
{
	schema = follow(document, schema);
	json_t *type = json_object_get(schema, "type");
	const char *text = json_string_value(type), *format = json_string_value(json_object_get(schema, "format"));
	size_t index;
	json_t *one;
	json_array_foreach(type, index, one) text =
	    text ? arena_print(arena, "%s or %s", text, json_string_value(one)) : json_string_value(one);
	if (text != NULL && strcmp(text, "array") == 0)
		return arena_print(arena, "list of %s", kind(document, json_object_get(schema, "items"), arena));
	json_t *choices = json_object_get(schema, "enum");
	const char *values = NULL;
	json_array_foreach(choices, index, one)
	{
		if (json_is_string(one))
			values = values ? arena_print(arena, "%s | %s", values, json_string_value(one)) : json_string_value(one);
	}
	if (values != NULL)
		return values;
	return format ? arena_print(arena, "%s, %s", text ? text : "any", format) : text ? text : "any";
}

static json_t *member(
    json_t *document, const char *name, const char *place, json_t *schema, json_t *described, bool required, struct arena *arena)
{
	json_t *description = json_object_get(described, "description");
	if (description == NULL)
		description = json_object_get(follow(document, schema), "description");
	json_t *row = json_pack("{s:s, s:s, s:s, s:b}", "name", name, "in", place, "kind", kind(document, schema, arena), "required", required);
	// Also where there is none: a template would take that of what is around it.
	json_object_set(row, "description", description ? description : json_null());
	return row;
}

static json_t *parameters(json_t *document, json_t *operation, json_t *item, struct arena *arena)
{
	json_t *rows = json_array(), *sources[] = {json_object_get(item, "parameters"), json_object_get(operation, "parameters")};
	for (size_t i = 0; i < 2; i++) {
		size_t index;
		json_t *parameter;
		json_array_foreach(sources[i], index, parameter)
		{
			parameter = follow(document, parameter);
			json_array_append_new(rows,
			    member(document, json_string_value(json_object_get(parameter, "name")), json_string_value(json_object_get(parameter, "in")),
			        json_object_get(parameter, "schema"), parameter, json_is_true(json_object_get(parameter, "required")), arena));
		}
	}
	return rows;
}

static void add_members(json_t *rows, json_t *document, json_t *schema, struct arena *arena)
{
	schema = follow(document, schema);
	json_t *required = json_object_get(schema, "required"), *property, *one;
	const char *name;
	json_object_foreach(json_object_get(schema, "properties"), name, property)
	{
		bool needed = false;
		size_t index;
		json_array_foreach(required, index, one) needed = needed || strcmp(json_string_value(one), name) == 0;
		json_array_append_new(rows, member(document, name, "body", property, property, needed, arena));
	}
	size_t branch;
	json_array_foreach(json_object_get(schema, "oneOf"), branch, one) add_members(rows, document, one, arena);
}

static json_t *media_types(json_t *document, json_t *operation)
{
	json_t *types = json_array(), *response, *content;
	const char *status, *type;
	json_object_foreach(json_object_get(operation, "responses"), status, response)
	{
		json_object_foreach(json_object_get(follow(document, response), "content"), type, content)
		{
			(void)content;
			if (status[0] == '2')
				json_array_append_new(types, json_string(type));
		}
	}
	return types;
}

static json_t *operation_row(json_t *document, const char *path, const char *method, json_t *item, json_t *operation, struct arena *arena)
{
	char *upper = arena_copy(arena, method);
	for (char *at = upper; *at != '\0'; at++)
		*at = (char)(*at - ('a' - 'A'));
	json_t *body = json_array(), *content = json_object_get(follow(document, json_object_get(operation, "requestBody")), "content");
	void *first = json_object_iter(content);
	if (first != NULL)
		add_members(body, document, json_object_get(json_object_iter_value(first), "schema"), arena);
	json_t *row = json_pack("{s:O, s:s, s:s, s:O*, s:O?, s:O*, s:o, s:o, s:o}", "id", json_object_get(operation, "operationId"), "method",
	    upper, "path", path, "summary", json_object_get(operation, "summary"), "description", json_object_get(operation, "description"),
	    "role", json_object_get(operation, "x-role"), "parameters", parameters(document, operation, item, arena), "body", body, "types",
	    media_types(document, operation));
	json_object_set_new(row, "has_parameters", json_boolean(json_array_size(json_object_get(row, "parameters")) > 0));
	json_object_set_new(row, "has_body", json_boolean(json_array_size(body) > 0));
	return row;
}

static void add_to_section(json_t *sections, const char *tag, json_t *row)
{
	size_t index;
	json_t *section;
	json_array_foreach(sections, index, section)
	{
		if (strcmp(json_string_value(json_object_get(section, "name")), tag) == 0)
			json_array_append(json_object_get(section, "operations"), row);
	}
}

static json_t *sections_of(json_t *document, struct arena *arena)
{
	static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
	json_t *sections = json_array(), *tag, *item;
	size_t index;
	json_array_foreach(json_object_get(document, "tags"), index, tag)
	{
		json_t *section = json_copy(tag);
		json_object_set_new(section, "operations", json_array());
		json_array_append_new(sections, section);
	}
	const char *path;
	json_object_foreach(json_object_get(document, "paths"), path, item)
	{
		for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
			json_t *operation = json_object_get(item, methods[i]);
			const char *name = json_string_value(json_array_get(json_object_get(operation, "tags"), 0));
			if (operation == NULL)
				continue;
			json_t *row = operation_row(document, path, methods[i], item, operation, arena);
			add_to_section(sections, name ? name : "service", row);
			json_decref(row);
		}
	}
	return sections;
}

void docs_answer(struct visit *visit)
{
	// Parsed for each reader: it is some milliseconds, and nobody reads documentation a thousand times a second.
	json_auto_t *document = json_loadb(contract_document, contract_document_length, 0, NULL);
	const char *language = language_of(visit);
	json_t *context = context_new(visit, language);
	json_object_set(context, "info", json_object_get(document, "info"));
	json_object_set_new(context, "sections", sections_of(document, visit->arena));
	struct http_response response = {.status = 200, .cache = "public, max-age=300"};
	http_set(&response, "Vary", "Accept-Language, Cookie");
	answer_page(visit, &response, "docs", language, context);
	http_answer(visit->request, &response);
}
