// check.c: everything a request brought, held against its operation; all that is wrong is said at once.
#include "contract/inside.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

enum medium { MEDIUM_NONE, MEDIUM_JSON, MEDIUM_FORM, MEDIUM_MULTIPART, MEDIUM_FILE, MEDIUM_OTHER };

static bool is_media(const char *type, const char *name)
{
	size_t length = strlen(name);
	return !strncasecmp(type, name, length) && strchr("; \t", type[length]);
}

static enum medium medium_of(const char *type)
{
	if (!type || !*type)
		return MEDIUM_NONE;
	const char *charset = strcasestr(type, "charset=");
	if (charset) {
		charset += 8 + (charset[8] == '"');
		if (strncasecmp(charset, "utf-8", 5) != 0 && strncasecmp(charset, "utf8", 4) != 0)
			return MEDIUM_OTHER;
	}
	if (is_media(type, "application/json") || is_media(type, "application/merge-patch+json"))
		return MEDIUM_JSON;
	return is_media(type, "application/x-www-form-urlencoded") ? MEDIUM_FORM : MEDIUM_OTHER;
}

// What the operation itself names, whatever its charset: whoever reads the file finds out, since spreadsheets don't say.
static enum medium medium_for(const struct contract_operation *operation, const char *type)
{
	for (int i = 0; operation->files && operation->files[i] && type; i++)
		if (is_media(type, operation->files[i]))
			return is_media(type, "multipart/form-data") ? MEDIUM_MULTIPART : MEDIUM_FILE;
	return medium_of(type);
}

struct run {
	struct contract_input *input;
	const struct contract_operation *operation;
	const struct contract_request *request;
	struct check check;
	struct form form;
	enum medium medium;
};

static bool read_precondition(struct run *run)
{
	struct contract_input *input = run->input;
	const char *text = run->request->if_match ? run->request->if_match : run->form.if_match;
	if (text)
		return precondition_read(text, run->request->if_match != NULL, &input->if_match, run->check.arena, run->check.why);
	if (run->operation->takes_if_match)
		return refuse(run->check.why, PROBLEM_NEEDS_VERSION, "Say which version you saw: If-Match with its ETag.", NULL);
	return true;
}

static bool refuse_medium(struct run *run)
{
	if (run->operation->merge_patch)
		return refuse(run->check.why, PROBLEM_MEDIA_TYPE, "Send application/merge-patch+json.", NULL);
	return refuse(run->check.why, PROBLEM_MEDIA_TYPE, "Send application/json or application/x-www-form-urlencoded, in UTF-8.", NULL);
}

// curl -d says "form" unless told otherwise; what it sends then is usually JSON.
static bool is_mislabelled(const struct run *run)
{
	const char *body = run->request->body;
	return run->medium == MEDIUM_FORM && body[strspn(body, " \t\r\n")] == '{';
}

static const char *zone_of(struct run *run, json_t *body)
{
	const char *zone = json_string_value(json_object_get(body, "time_zone"));
	if (!zone)
		zone = run->form.time_zone;
	if (!zone)
		return NULL;
	zone = text_trim(run->check.arena, zone);
	if (format_is_zone(zone))
		return zone;
	if (!json_object_get(body, "time_zone"))
		fault(
		    &run->check, &(struct place){.name = "/_time_zone"}, "bad_time_zone", "Must be the name of a time zone such as Europe/Warsaw.");
	return NULL;
}

static bool read_body(struct run *run, json_t **body)
{
	const struct contract_operation *operation = run->operation;
	*body = NULL;
	if (run->input->from_form) {
		*body = form_tree(&run->check, &run->form, operation->body, operation->merge_patch);
		run->check.zone = zone_of(run, *body);
		return true;
	}
	if (!run->request->body_length) {
		if (operation->body && operation->body_required)
			return refuse(run->check.why, PROBLEM_BAD_REQUEST, "The request needs a body.", "no_body");
		return true;
	}
	if (run->medium != MEDIUM_JSON)
		return refuse_medium(run);
	*body = json_read(run->request->body, run->request->body_length, run->check.arena, run->check.why);
	return *body != NULL;
}

static void refuse_members(struct check *check, json_t *body)
{
	const char *name;
	json_t *value;
	const struct place root = {.name = ""};
	json_object_foreach(body, name, value)
	    fault(check, &(struct place){.up = &root, .name = name}, "unknown_member", "There is no such member.");
}

static void fill_body(struct run *run, json_t *body)
{
	const struct contract_schema *schema = run->operation->body;
	struct contract_input *input = run->input;
	struct arena *arena = run->check.arena;
	input->body = arena_alloc(arena, sizeof *input->body * ((size_t)schema->properties + 1));
	input->present = arena_alloc(arena, sizeof *input->present * ((size_t)schema->properties + 1));
	for (int i = 0; i < schema->properties; i++) {
		json_t *value = json_object_get(body, schema->property[i].name);
		input->present[i] = value != NULL;
		if (value)
			input->body[i] = value_text(value, arena);
		else if (!run->operation->merge_patch)
			input->body[i] = schema->property[i].schema->preset;
	}
	input->json = body;
	input->body_text = body ? value_text(body, arena) : NULL;
}

static bool take_body(struct run *run)
{
	json_t *body = NULL;
	if (run->medium == MEDIUM_FILE) {
		run->input->file = (struct contract_file){.bytes = run->request->body, .length = run->request->body_length};
		fill_body(run, NULL);
		return true;
	}
	if (is_mislabelled(run))
		return refuse(run->check.why, PROBLEM_MEDIA_TYPE, "This looks like JSON: send it with Content-Type: application/json.", NULL);
	if (!read_body(run, &body))
		return false;
	if (!run->operation->body) {
		refuse_members(&run->check, body);
		return true;
	}
	run->check.filed = run->input->file.bytes != NULL;
	if (body)
		check_body(&run->check, run->operation, body, run->form.first);
	fill_body(run, body);
	return true;
}

bool contract_check(struct contract_input *input, const struct contract_match *match, const struct contract_request *request,
    struct arena *arena, struct problem *why)
{
	struct run run = {.input = input, .operation = match->operation, .request = request, .check = {.arena = arena, .why = why}};
	bool has_body = strcmp(run.operation->method, "GET") != 0; // what a GET brings along means nothing
	*why = (struct problem){0};
	*input = (struct contract_input){.operation = match->operation, .path = match->path_value};
	input->extra = arena_alloc(arena, sizeof *input->extra * ((size_t)match->operation->extras + 1));
	run.medium = has_body ? medium_for(run.operation, request->content_type) : MEDIUM_NONE;
	if (run.medium == MEDIUM_FORM || run.medium == MEDIUM_MULTIPART) {
		input->from_form = true;
		if (!(run.medium == MEDIUM_FORM ? form_read(&run.form, request->body, request->body_length, arena, why)
		                                : multipart_read(&run.form, &input->file, request, arena, why)))
			return false;
		input->typed = run.form.first;
		input->form_return = run.form.back;
		input->form_token = run.form.token;
	}
	if (!query_check(&run.check, input, request->query, match->form))
		return false;
	if (!read_precondition(&run))
		return false;
	run.check.form = input->from_form;
	return (!has_body || take_body(&run)) && !run.check.faults;
}
