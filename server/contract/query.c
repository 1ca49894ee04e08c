// query.c: the query string: parameters by name, typed by their schemas, with defaults.
#include "contract/inside.h"

#include <string.h>

#include "base/arena.h"

static int parameter_index(const struct contract_operation *operation, const char *name)
{
	for (int i = 0; i < operation->query_parameters; i++)
		if (!strcmp(operation->query_parameter[i].name, name))
			return i;
	return -1;
}

// Links travel through mail systems and social networks, which hang their own marks on them; an invitee's must open whatever they are.
static bool is_tolerated(const struct contract_operation *operation, const char *name)
{
	static const char *const known[] = {"lang", "done", "fbclid", "gclid"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strcmp(name, known[i]))
			return true;
	return !strncmp(name, "utm_", 4) || contract_by_link(operation->role);
}

static void drop(void *value)
{
	json_decref(value);
}

// Checks one value; arrays collect in `into`.
static void take_value(struct check *check, struct contract_input *input, int index, const char *text, json_t **into)
{
	const struct contract_parameter *parameter = &input->operation->query_parameter[index];
	struct place place = {.name = arena_print(check->arena, "?%s", parameter->name)};
	if (parameter->schema->types & TYPE_ARRAY) {
		if (!into[index]) {
			into[index] = json_array();
			arena_defer(check->arena, drop, into[index]);
		}
		json_array_append_new(into[index], form_leaf(parameter->schema->items, text, check->arena));
		return;
	}
	if (input->query[index]) {
		fault(check, &place, "repeated", "Can be given only once.");
		return;
	}
	if (parameter->schema->types & TYPE_STRING) {
		input->query[index] = check_text(check, parameter->schema, text, &place);
		return;
	}
	json_t *value = form_leaf(parameter->schema, text, check->arena), *better = check_value(check, parameter->schema, value, &place);
	input->query[index] = arena_copy(check->arena, value_text(better ? better : value, check->arena));
	json_decref(better);
	json_decref(value);
}

static bool take_pairs(struct check *check, struct contract_input *input, const char *query, json_t **into)
{
	while (*query) {
		size_t length = strcspn(query, "&"), name_length = strcspn(query, "=&");
		size_t value_at = name_length < length ? name_length + 1 : length;
		const char *name = contract_decode(check->arena, query, name_length, true);
		const char *value = contract_decode(check->arena, query + value_at, length - value_at, true);
		query += length + (query[length] == '&');
		if (!name || !value)
			return refuse(check->why, PROBLEM_BAD_REQUEST, "The query is not urlencoded UTF-8.", "bad_query");
		int index = *name ? parameter_index(input->operation, name) : -1;
		if (index < 0 && *name && !is_tolerated(input->operation, name))
			fault(
			    check, &(struct place){.name = arena_print(check->arena, "?%s", name)}, "unknown_parameter", "There is no such parameter.");
		else if (index >= 0 && *value) // an empty one is an empty field of a search form
			take_value(check, input, index, value, into);
		if (fault_full(check))
			return false;
	}
	return true;
}

static void finish_parameter(struct check *check, struct contract_input *input, int index, json_t *array)
{
	const struct contract_parameter *parameter = &input->operation->query_parameter[index];
	struct place place = {.name = arena_print(check->arena, "?%s", parameter->name)};
	if (array) {
		check_value(check, parameter->schema, array, &place);
		input->query[index] = value_text(array, check->arena);
	}
	if (!input->query[index] && parameter->required)
		fault(check, &place, "required", "Must be given.");
	if (!input->query[index])
		input->query[index] = parameter->schema->preset;
}

bool query_check(struct check *check, struct contract_input *input, const char *query, enum contract_form form)
{
	int count = input->operation->query_parameters;
	input->query = arena_alloc(check->arena, sizeof *input->query * ((size_t)count + 1));
	json_t **arrays = arena_alloc(check->arena, sizeof(json_t *) * ((size_t)count + 1)); // NOLINT(bugprone-sizeof-expression)
	if (!take_pairs(check, input, query ? query : "", arrays) && check->why->kind == PROBLEM_BAD_REQUEST)
		return false;
	for (int i = 0; i < count; i++)
		finish_parameter(check, input, i, arrays[i]);
	int limit = parameter_index(input->operation, "limit");
	if (limit >= 0 && (form & (FORM_CSV | FORM_XLSX | FORM_VCF)) != 0)
		input->query[limit] = NULL;
	else if (limit >= 0 && form == FORM_PDF)
		input->query[limit] = arena_print(check->arena, "%d", CONTRACT_PAPER_ROWS);
	int after = parameter_index(input->operation, "after");
	if (after >= 0 && input->query[after] && !cursor_open(input->query[after], input->operation->id, &input->query[after], check->arena))
		return refuse(check->why, PROBLEM_BAD_REQUEST, "`after` is not a cursor of ours; follow `next` instead.", "bad_cursor");
	return true;
}
