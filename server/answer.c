// answer.c: the rows of a request that worked become its response.
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "base/secret.h"
#include "represent/page.h"
#include "represent/represent.h"

// `<invitation id>.<link version>` as the database keeps it becomes the link that only our key can make.
static char *rsvp_url(const char *value, void *argument, struct arena *arena)
{
	const struct exchange *x = argument;
	const char *dot = strchr(value, '.');
	if (dot == NULL || x->access.platform == NULL)
		return NULL;
	const char *id = arena_slice(arena, value, (size_t)(dot - value));
	const char *token = secret_link(arena, &x->service->key, x->access.platform, id, (unsigned)strtoul(dot + 1, NULL, 10));
	return arena_print(arena, "%s/r/%s/%s", x->service->base_url, x->access.platform, token);
}

struct represent_links answer_links(const struct exchange *x)
{
	return (struct represent_links){.rsvp_url = rsvp_url, .argument = (void *)x};
}

void answer_caching(const struct exchange *x, struct http_response *response)
{
	if (x->access.link != NULL || x->plan.reveal != NULL || x->plan.set_cookie != NULL)
		response->cache = "no-store";
	else if (x->access.hash != NULL || exchange_changes(x))
		response->cache = "private, no-cache";
	else
		response->cache = "public, max-age=0, must-revalidate";
	http_set(response, "Vary", "Accept, Accept-Language, Authorization, Cookie");
	if (x->batch.took_ns > 0)
		http_set(response, "Server-Timing", arena_print(x->arena, "db;dur=%.2f", (double)x->batch.took_ns / 1e6));
}

// The last segment of the path without its suffix names the file; a token is no name.
void answer_download(const struct exchange *x, struct http_response *response, const char *suffix)
{
	const char *last = strrchr(x->request->path, '/') + 1;
	size_t length = strcspn(last, ".");
	if (x->access.link != NULL || length == 0 || strspn(last, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") < length)
		last = "narada", length = 6;
	http_set(response, "Content-Disposition",
	    arena_print(x->arena, "%s; filename=\"%.*s.%s\"", strcmp(suffix, "ics") == 0 ? "inline" : "attachment", (int)length, last, suffix));
}

// Where a list goes on: the same request after the last row shown. Rows beyond the limit were only fetched to know that there are some.
const char *answer_next(const struct exchange *x, const struct rows *rows, int *limit)
{
	const char *wanted = plan_query(&x->plan, "limit");
	*limit = wanted ? (int)strtol(wanted, NULL, 10) : -1;
	const char *after = *limit > 0 && rows->count > *limit ? rows_text(rows, *limit - 1, "_cursor") : NULL;
	if (after == NULL)
		return NULL;
	const char *url = arena_print(x->arena, "%s%s?", x->service->base_url, x->request->path);
	for (const char *at = x->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&");
		if (pair > 0 && strncmp(at, "after=", 6) != 0 && strncmp(at, "done=", 5) != 0)
			url = arena_print(x->arena, "%s%.*s&", url, (int)pair, at);
		at += pair + (at[pair] == '&');
	}
	return arena_print(x->arena, "%safter=%s", url, contract_cursor(x->arena, after));
}

static void body_of(struct http_response *response, const struct buffer *body, const char *type)
{
	response->type = type;
	response->body = body->data;
	response->body_length = body->length;
}

static void json_list(struct exchange *x, struct http_response *response, const struct rows *rows, struct buffer *body)
{
	struct represent_links links = answer_links(x);
	int limit;
	const char *next = answer_next(x, rows, &limit);
	represent_json_list(body, rows, limit, next, &links);
	if (next != NULL)
		http_set(response, "Link", arena_print(x->arena, "<%s>; rel=\"next\"", next));
}

static void json_row(struct exchange *x, const struct rows *rows, struct buffer *body)
{
	struct represent_links links = answer_links(x);
	struct buffer row;
	buffer_init(&row, x->arena);
	if (rows != NULL && rows->count > 0)
		represent_json_row(&row, rows, 0, false, &links);
	else
		buffer_puts(&row, "{}");
	if (x->plan.reveal == NULL) {
		*body = row;
		return;
	}
	buffer_puts(body, "{\"token\":");
	represent_json_string(body, x->plan.reveal);
	buffer_puts(body, row.length > 2 ? "," : "");
	buffer_puts(body, row.data + 1);
}

// Strong, and usable in If-Match: the version of what is shown, then a digest, since the same version may look different to another caller.
static const char *etag(const struct exchange *x, const struct rows *row, const struct buffer *body)
{
	const char *version = row != NULL && row->count == 1 ? rows_text(row, 0, "version") : NULL;
	const char *digest = secret_digest(x->arena, body->data, body->length);
	return version ? arena_print(x->arena, "\"%s-%.16s\"", version, digest) : arena_print(x->arena, "\"%.24s\"", digest);
}

static bool answer_json(struct exchange *x, struct http_response *response)
{
	const struct contract_step *main_step = act_step(x, NULL);
	const struct rows *rows = act_rows(x, NULL);
	bool list = main_step != NULL && main_step->shape == SHAPE_MANY;
	struct buffer body;
	buffer_init(&body, x->arena);
	if (list)
		json_list(x, response, rows, &body);
	else
		json_row(x, main_step != NULL && main_step->shape != SHAPE_EXEC ? rows : NULL, &body);
	body_of(response, &body, "application/json");
	response->etag = etag(x, list ? NULL : rows, &body);
	return true;
}

void answer_page(struct exchange *x, struct http_response *response, const char *page, const char *language, json_t *context)
{
	struct buffer body;
	buffer_init(&body, x->arena);
	page_render(&body, page, language, context, x->arena);
	body_of(response, &body, "text/html; charset=utf-8");
	http_set(response, "Content-Language", language);
	const char *cookie = language_cookie(x);
	if (cookie != NULL) {
		http_set(response, "Set-Cookie", cookie);
		response->cache = "private, no-cache"; // a shared cache must not hand one visitor's choice to the next
	}
	if (response->status == 200)
		response->etag = etag(x, NULL, &body);
}

static bool answer_html(struct exchange *x, struct http_response *response)
{
	const char *language = language_of(x);
	json_t *context = context_new(x, language);
	context_rows(x, context);
	if (x->failed != NULL) {
		context_form(context, x->failed, language);
		response->status = problem_status(x->failed->why.kind);
	}
	answer_page(x, response, x->operation->page, language, context);
	return true;
}

static bool answer_ics(struct exchange *x, struct http_response *response)
{
	const struct rows *rows = act_rows(x, NULL), *events = act_rows(x, "event");
	const struct rows *entered = act_entered(x);
	const char *name = rows != NULL && rows->count == 1 ? rows_text(rows, 0, "title") : NULL;
	if (name == NULL && entered != NULL)
		name = rows_text(entered, 0, "platform_name");
	struct buffer body;
	buffer_init(&body, x->arena);
	represent_ics(&body, events ? events : rows, name ? name : "Narada", language_of(x));
	body_of(response, &body, "text/calendar; charset=utf-8");
	answer_download(x, response, "ics");
	response->etag = etag(x, NULL, &body);
	return true;
}

// `{name}` is a path parameter or a column of the row that was made.
static const char *filled(const struct exchange *x, const char *template, const struct rows *row)
{
	struct buffer text;
	buffer_init(&text, x->arena);
	while (*template != '\0') {
		size_t plain = strcspn(template, "{");
		buffer_add(&text, template, plain);
		template += plain;
		if (*template == '\0')
			break;
		size_t length = strcspn(template, "}");
		const char *name = arena_slice(x->arena, template + 1, length - 1);
		const char *value = plan_path(&x->plan, name);
		if (value == NULL && row != NULL && row->count > 0)
			value = rows_text(row, 0, name);
		buffer_puts(&text, value ? contract_encode(x->arena, value) : "");
		template += length + (template[length] == '}');
	}
	return text.data;
}

// The request's path without the suffix that chose a representation.
static const char *own_path(const struct exchange *x)
{
	const char *path = x->request->path, *last = strrchr(path, '/');
	const char *suffix = last ? strrchr(last, '.') : NULL;
	static const char *const suffixes[] = {".json", ".html", ".csv", ".ics"};
	for (size_t i = 0; suffix != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++) {
		if (strcmp(suffix, suffixes[i]) == 0)
			return arena_slice(x->arena, path, (size_t)(suffix - path));
	}
	return path;
}

static const char *location_of(const struct exchange *x)
{
	const struct rows *row = act_rows(x, NULL);
	if (x->operation->location != NULL)
		return filled(x, x->operation->location, row);
	if (x->operation->status != 201 || row == NULL || row->count == 0)
		return NULL;
	const char *name = rows_text(row, 0, "slug");
	if (name == NULL)
		name = rows_text(row, 0, "id");
	return name ? arena_print(x->arena, "%s/%s", own_path(x), contract_encode(x->arena, name)) : NULL;
}

static bool is_local(const char *path)
{
	if (path == NULL || path[0] != '/' || path[1] == '/' || path[1] == '\\')
		return false;
	for (; *path != '\0'; path++) {
		if ((unsigned char)*path <= ' ' || *path == 0x7f || *path == '\\')
			return false;
	}
	return true;
}

// After DELETE the thing's own page is gone: the page above it is where a person goes on.
static const char *page_after(const struct exchange *x)
{
	const char *path = own_path(x);
	const char *last = strrchr(path, '/');
	if (strcmp(x->method, "DELETE") != 0 || last == NULL || last == path)
		return path;
	return arena_slice(x->arena, path, (size_t)(last - path));
}

void answer_redirect(struct exchange *x, const char *target)
{
	struct http_response response = {.status = 303};
	http_set(&response, "Location", target);
	if (x->plan.set_cookie != NULL)
		http_set(&response, "Set-Cookie", x->plan.set_cookie);
	http_answer(x->request, &response);
}

static void answer_form_post(struct exchange *x)
{
	const char *target = x->plan.see_other;
	if (is_local(x->input.form_return))
		target = x->input.form_return;
	if (target == NULL)
		target = location_of(x);
	if (target == NULL)
		target = page_after(x);
	size_t fragment = strcspn(target, "#");
	bool has_query = memchr(target, '?', fragment) != NULL;
	answer_redirect(
	    x, arena_print(x->arena, "%.*s%cdone=%s%s", (int)fragment, target, has_query ? '&' : '?', x->operation->id, target + fragment));
}

static void announce(const struct exchange *x)
{
	// Until mail is sent, a person at the terminal hands the link on. Standard output, not the log: logs are kept and shared.
	if (x->plan.operator_link == NULL)
		return;
	printf("Sign-in link asked for: %s\n", x->plan.operator_link);
	fflush(stdout);
}

bool answer_rows(struct exchange *x)
{
	announce(x);
	bool shown_once = x->plan.reveal != NULL && x->operation->page != NULL;
	if (x->form_post && !shown_once) {
		answer_form_post(x);
		return true;
	}
	if (x->plan.see_other != NULL && x->form == FORM_HTML && !shown_once) {
		answer_redirect(x, x->plan.see_other);
		return true;
	}
	struct http_response response = {.status = x->operation->status};
	answer_caching(x, &response);
	if (x->plan.set_cookie != NULL)
		http_set(&response, "Set-Cookie", x->plan.set_cookie);
	const char *location = location_of(x);
	if (location != NULL)
		http_set(&response, "Location", location);
	if (response.status != 204) {
		bool (*represent)(struct exchange *, struct http_response *) = x->form == FORM_HTML  ? answer_html
		                                                               : x->form == FORM_ICS ? answer_ics
		                                                                                     : answer_json;
		if (!represent(x, &response))
			return false;
	}
	http_answer(x->request, &response);
	return true;
}

void answer_options(struct exchange *x)
{
	struct http_response response = {.status = 204};
	http_set(&response, "Allow", x->match.allow);
	if (strstr(x->match.allow, "PATCH") != NULL)
		http_set(&response, "Accept-Patch", "application/merge-patch+json");
	http_answer(x->request, &response);
}
