// context.c: what a template sees besides the operation's own rows. The table is in ARCHITECTURE.md, "Pages and words".
#include "serve.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "base/secret.h"
#include "represent/represent.h"
#include "represent/words.h"

static void drop_json(void *value)
{
	json_decref(value);
}

static void set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static json_t *caller(const struct rows *entered)
{
	static const struct {
		const char *role, *flag;
	} ranks[] = {{"viewer", "is_viewer"}, {"assistant", "is_assistant"}, {"organiser", "is_organiser"}, {"owner", "is_owner"}};
	const char *role = rows_text(entered, 0, "role");
	json_t *caller = json_pack("{s:b, s:s}", "signed_in", 1, "name", rows_text(entered, 0, "account_name"));
	set_text(caller, "role", role);
	bool up_to = role != NULL;
	for (size_t i = 0; up_to && i < sizeof ranks / sizeof ranks[0]; i++) {
		json_object_set_new(caller, ranks[i].flag, json_true());
		up_to = strcmp(role, ranks[i].role) != 0;
	}
	return caller;
}

static json_t *platform(const struct rows *entered)
{
	json_t *platform = json_object();
	set_text(platform, "slug", rows_text(entered, 0, "platform_slug"));
	set_text(platform, "name", rows_text(entered, 0, "platform_name"));
	set_text(platform, "language", rows_text(entered, 0, "language"));
	set_text(platform, "time_zone", rows_text(entered, 0, "time_zone"));
	return platform;
}

static json_t *query_values(const struct visit *visit)
{
	json_t *values = json_object();
	for (const char *at = visit->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&"), name = strcspn(at, "=&");
		const char *key = contract_decode(visit->arena, at, name, true);
		const char *value = name < pair ? contract_decode(visit->arena, at + name + 1, pair - name - 1, true) : "";
		if (key != NULL && value != NULL)
			json_object_set_new(values, key, json_string(value));
		at += pair + (at[pair] == '&');
	}
	return values;
}

// What a list's page was filtered by: what its files are to be filtered by, too.
static json_t *filters(const struct visit *visit)
{
	static const char *const others[] = {"limit", "after", "lang", "done", "find"};
	json_t *list = json_array();
	for (int i = 0; visit->operation != NULL && visit->input.query != NULL && i < visit->operation->query_parameters; i++) {
		const char *name = visit->operation->query_parameter[i].name, *value = visit_query(visit, name);
		bool filter = value != NULL && *value != '\0';
		for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
			filter = filter && strcmp(name, others[k]) != 0;
		if (filter)
			json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "value", value));
	}
	return list;
}

static json_t *request(const struct visit *visit, const char *language)
{
	const char *url = arena_print(visit->arena, "%s%s", visit->service->base_url, visit->request->path);
	json_t *request = json_object();
	set_text(request, "path", visit->request->path);
	set_text(request, "url", url);
	set_text(request, "id", visit->request->id);
	set_text(request, "language", language);
	json_object_set_new(request, "query", query_values(visit));
	json_object_set_new(request, "filters", filters(visit));
	return request;
}

static json_t *path_values(const struct visit *visit)
{
	json_t *values = json_object();
	for (int i = 0; visit->operation != NULL && i < visit->operation->path_parameters; i++)
		set_text(values, visit->operation->path_parameter[i].name, visit->match.path_value[i]);
	return values;
}

// "create_invitation.invited-3.skipped-1" as {"create_invitation": true, "invited": 3, "skipped": 1}: see `_told` in answer.c.
static json_t *done_values(const struct visit *visit, const char *done)
{
	size_t length = strcspn(done, ".");
	json_t *values = json_pack("{s:b}", arena_slice(visit->arena, done, length), 1);
	for (const char *at = done + length; *at == '.'; at += length) {
		at++;
		length = strcspn(at, ".");
		size_t name = strcspn(at, "-.");
		if (at[name] == '-' && strspn(at + name + 1, "0123456789") == length - name - 1)
			json_object_set_new(values, arena_slice(visit->arena, at, name), json_integer(strtol(at + name + 1, NULL, 10)));
	}
	return values;
}

json_t *context_new(struct visit *visit, const char *language)
{
	json_t *context = json_object();
	arena_defer(visit->arena, drop_json, context);
	const struct rows *entered = act_entered(visit);
	if (entered != NULL && rows_text(entered, 0, "account_name") != NULL)
		json_object_set_new(context, "caller", caller(entered));
	if (entered != NULL && rows_text(entered, 0, "platform_slug") != NULL) {
		json_object_set_new(context, "platform", platform(entered));
		set_text(context, "time_zone", rows_text(entered, 0, "time_zone"));
	}
	json_object_set_new(context, "request", request(visit, language));
	json_object_set_new(context, "languages", language_list(visit, language));
	json_object_set_new(context, "path", path_values(visit));
	set_text(context, "base_url", visit->service->base_url);
	const char *done = visit_query(visit, "done");
	if (done != NULL)
		json_object_set_new(context, "done", done_values(visit, done));
	if (visit->access.link != NULL)
		set_text(context, "form_token", secret_form(visit->arena, &visit->service->key, visit->access.link, visit->plan.now));
	return context;
}

static json_t *part_value(const struct visit *visit, const struct contract_step *step, const struct rows *rows)
{
	struct represent_links links = answer_links(visit);
	if (step->shape == SHAPE_ONE || step->shape == SHAPE_MAYBE)
		return rows->count > 0 ? represent_value(rows, 0, &links) : json_null();
	json_t *list = json_array();
	for (int i = 0; i < rows->count; i++)
		json_array_append_new(list, represent_value(rows, i, &links));
	return list;
}

// The main row's columns stand at the top, a main list is `items` (answer.c cuts it and adds `next`), a part stands under its name.
void context_rows(struct visit *visit, json_t *context)
{
	for (int i = 0; i < visit->operation->steps; i++) {
		const struct contract_step *step = &visit->operation->step[i];
		if (visit->item[i] < 0 || step->shape == SHAPE_EXEC)
			continue;
		json_t *value = part_value(visit, step, &visit->batch.item[visit->item[i]].rows);
		if (step->part != NULL) {
			json_object_set_new(context, step->part, value);
		} else if (json_is_array(value)) {
			json_object_set_new(context, "items", value);
		} else {
			if (json_is_object(value))
				json_object_update(context, value);
			json_decref(value);
		}
	}
	if (visit->plan.reveal != NULL)
		set_text(context, "token", visit->plan.reveal);
}

// Sets `value` (stolen) under a dotted name, making the objects on the way; a name that comes again makes an array.
static void set_nested(json_t *object, const char *name, json_t *value)
{
	size_t length;
	while (name[length = strcspn(name, "./")] != '\0') {
		json_t *inner = json_object_getn(object, name, length);
		if (!json_is_object(inner)) {
			inner = json_object();
			json_object_setn_new(object, name, length, inner);
		}
		object = inner;
		name += length + 1;
	}
	json_t *before = json_object_get(object, name);
	if (json_is_array(before)) {
		json_array_append_new(before, value);
	} else if (json_is_string(before) && json_is_string(value)) {
		json_t *both = json_array();
		json_array_append(both, before);
		json_array_append_new(both, value);
		json_object_set_new(object, name, both);
	} else {
		json_object_set_new(object, name, value);
	}
}

static json_t *typed_values(const struct visit *failed)
{
	json_t *values = json_object();
	for (const struct contract_typed *typed = failed->input.typed; typed != NULL; typed = typed->next) {
		if (typed->name[0] != '_')
			set_nested(values, typed->name, json_string(typed->value));
	}
	return values;
}

static json_t *field_errors(const struct visit *failed)
{
	json_t *errors = json_object();
	for (const struct problem_field *field = failed->why.fields; field != NULL; field = field->next) {
		json_t *error = json_object();
		set_text(error, "code", field->code);
		set_text(error, "detail", field->detail);
		if (field->pointer != NULL && field->pointer[0] == '/')
			set_nested(errors, field->pointer + 1, error);
		else
			json_decref(error);
	}
	return errors;
}

// What a form calls a member is in the words of its subject, which the operation's name begins with: create_agenda_item has those of
// `agenda`.
static const char *label_of(const struct visit *failed, const char *language, const char *name)
{
	const char *verb_end = strchr(failed->operation->id, '_');
	char *subject = arena_copy(failed->arena, verb_end ? verb_end + 1 : failed->operation->id);
	for (;;) {
		const char *label = words_text(language, arena_print(failed->arena, "%s.field.%s", subject, name));
		char *shorter = strrchr(subject, '_');
		if (label != NULL || shorter == NULL)
			return label;
		*shorter = '\0';
	}
}

// The fields' errors in one list, for the summary above a form that leads to each of them.
static json_t *error_list(const struct visit *failed, const char *language)
{
	json_t *list = json_array();
	for (const struct problem_field *field = failed->why.fields; field != NULL; field = field->next) {
		if (field->pointer == NULL || field->pointer[0] != '/' || field->pointer[1] == '\0')
			continue;
		char *name = arena_copy(failed->arena, field->pointer + 1), *id = arena_print(failed->arena, "%s-%s", failed->operation->id, name);
		for (char *at = name; *at != '\0'; at++)
			*at = *at == '/' ? '.' : *at;
		for (char *at = id; *at != '\0'; at++)
			*at = *at == '/' ? '-' : *at;
		json_t *error = json_object();
		const char *message = words_text(language, arena_print(failed->arena, "problem.%s", field->code));
		set_text(error, "id", id);
		set_text(error, "label", label_of(failed, language, name));
		set_text(error, "message", message ? message : field->detail);
		json_array_append_new(list, error);
	}
	return list;
}

void context_form(json_t *context, const struct visit *failed, const char *language)
{
	json_t *form = json_object(), *forms = json_object();
	json_object_set_new(form, "values", typed_values(failed));
	json_object_set_new(form, "errors", field_errors(failed));
	json_object_set_new(form, "list", error_list(failed, language));
	json_object_set_new(form, "problem", context_problem(failed, language));
	json_object_set_new(forms, failed->operation->id, form);
	json_object_set_new(context, "form", forms);
}

json_t *context_problem(const struct visit *visit, const char *language)
{
	const struct problem *why = &visit->why;
	char *code = arena_copy(visit->arena, why->code ? why->code : problem_slug(why->kind));
	for (char *at = code; *at != '\0'; at++)
		*at = *at == '-' ? '_' : *at;
	char *kind = arena_copy(visit->arena, problem_slug(why->kind));
	for (char *at = kind; *at != '\0'; at++)
		*at = *at == '-' ? '_' : *at;
	const char *title = words_text(language, arena_print(visit->arena, "problem.title.%s", code)); // a few have one of their own
	if (title == NULL)
		title = words_text(language, arena_print(visit->arena, "problem.title.%s", kind));
	const char *detail = words_text(language, arena_print(visit->arena, "problem.%s", code));
	json_t *problem =
	    json_pack("{s:i, s:s, s:s}", "status", problem_status(why->kind), "code", code, "title", title ? title : problem_title(why->kind));
	set_text(problem, "detail", detail ? detail : why->detail);
	set_text(problem, "said", why->detail);                          // what no word for a code can say, in English
	json_object_set_new(problem, "is", json_pack("{s:b}", code, 1)); // {{#problem.is.some_code}}: what only that page offers
	return problem;
}
