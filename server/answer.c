// answer.c: the rows of a request that worked become its response.
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "base/secret.h"
#include "represent/archive.h"
#include "represent/chart.h"
#include "represent/page.h"
#include "represent/qr.h"
#include "represent/represent.h"
#include "represent/words.h"

struct represent_links answer_links(const struct visit *visit)
{
	return (struct represent_links){&visit->service->key, visit->service->base_url, visit->access.platform};
}

void answer_caching(const struct visit *visit, struct http_response *response)
{
	if (visit->access.link != NULL || visit->plan.reveal != NULL || visit->plan.set_cookie != NULL || visit->plan.fleeting)
		response->cache = "no-store";
	else if (visit->access.hash != NULL || visit_changes(visit) || visit_holds_token(visit))
		response->cache = "private, no-cache";
	else
		response->cache = "public, max-age=0, must-revalidate";
	http_set(response, "Vary", "Accept, Accept-Language, Authorization, Cookie");
	if (visit_holds_token(visit))
		http_set(response, "X-Robots-Tag", "noindex");
	if (visit->batch.took_ns > 0)
		http_set(response, "Server-Timing", arena_print(visit->arena, "db;dur=%.2f", (double)visit->batch.took_ns / 1e6));
}

// The last segment of the path without its suffix names the file; a token is no name.
const char *answer_plain_name(const struct visit *visit)
{
	const char *last = strrchr(visit->request->path, '/') + 1;
	size_t length = strcspn(last, ".");
	if (visit_holds_token(visit) || length == 0 ||
	    strspn(last, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") < length)
		return "narada";
	return arena_slice(visit->arena, last, length);
}

void answer_download(const struct visit *visit, struct http_response *response, const char *suffix)
{
	http_set(response, "Content-Disposition",
	    arena_print(visit->arena, "%s; filename=\"%s.%s\"", strcmp(suffix, "ics") == 0 ? "inline" : "attachment", answer_plain_name(visit),
	        suffix));
}

// Where a list goes on: the same request after the last row shown. Rows beyond the limit were only fetched to know that there are some.
const char *answer_next(const struct visit *visit, const struct rows *rows, int *limit)
{
	const char *wanted = plan_query(&visit->plan, "limit");
	*limit = wanted ? (int)strtol(wanted, NULL, 10) : -1;
	const char *after = *limit > 0 && rows->count > *limit ? rows_text(rows, *limit - 1, "_cursor") : NULL;
	if (after == NULL)
		return NULL;
	const char *url = arena_print(visit->arena, "%s%s?", visit->service->base_url, visit->request->path);
	for (const char *at = visit->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&");
		if (pair > 0 && strncmp(at, "after=", 6) != 0 && strncmp(at, "done=", 5) != 0)
			url = arena_print(visit->arena, "%s%.*s&", url, (int)pair, at);
		at += pair + (at[pair] == '&');
	}
	return arena_print(visit->arena, "%safter=%s", url, contract_cursor(visit->arena, visit->operation->id, after));
}

static void body_of(struct http_response *response, const struct buffer *body, const char *type)
{
	response->type = type;
	response->body = body->data;
	response->body_length = body->length;
}

static void json_list(struct visit *visit, struct http_response *response, const struct rows *rows, struct buffer *body)
{
	struct represent_links links = answer_links(visit);
	int limit;
	const char *next = answer_next(visit, rows, &limit);
	represent_json_list(body, rows, limit, next, &links);
	if (next != NULL)
		http_set(response, "Link", arena_print(visit->arena, "<%s>; rel=\"next\"", next));
}

static void json_row(struct visit *visit, const struct rows *rows, struct buffer *body)
{
	struct represent_links links = answer_links(visit);
	struct buffer row;
	buffer_init(&row, visit->arena);
	if (rows != NULL && rows->count > 0)
		represent_json_row(&row, rows, 0, false, &links);
	else
		buffer_puts(&row, "{}");
	if (visit->plan.reveal == NULL) {
		*body = row;
		return;
	}
	buffer_puts(body, "{\"token\":");
	represent_json_string(body, visit->plan.reveal);
	buffer_puts(body, row.length > 2 ? "," : "");
	buffer_puts(body, row.data + 1);
}

// Strong, and usable in If-Match: the version of what is shown, then a digest, since the same version may look different to another caller.
static const char *etag(const struct visit *visit, const struct rows *row, const struct buffer *body)
{
	const char *version = row != NULL && row->count == 1 ? rows_text(row, 0, "version") : NULL;
	const char *digest = secret_digest(visit->arena, body->data, body->length);
	return version ? arena_print(visit->arena, "\"%s-%.16s\"", version, digest) : arena_print(visit->arena, "\"%.24s\"", digest);
}

static bool answer_json(struct visit *visit, struct http_response *response)
{
	const struct contract_step *main_step = act_step(visit, NULL);
	const struct rows *rows = act_rows(visit, NULL);
	bool list = main_step != NULL && main_step->shape == SHAPE_MANY;
	struct buffer body;
	buffer_init(&body, visit->arena);
	if (list)
		json_list(visit, response, rows, &body);
	else
		json_row(visit, main_step != NULL && main_step->shape != SHAPE_EXEC ? rows : NULL, &body);
	body_of(response, &body, "application/json");
	response->etag = etag(visit, list ? NULL : rows, &body);
	return true;
}

void answer_page(struct visit *visit, struct http_response *response, const char *page, const char *language, json_t *context)
{
	struct buffer body;
	buffer_init(&body, visit->arena);
	page_render(&body, page, language, context, visit->arena);
	body_of(response, &body, "text/html; charset=utf-8");
	http_set(response, "Content-Language", language);
	if (visit->plan.policy != NULL)
		http_set(response, "Content-Security-Policy", visit->plan.policy);
	if (visit->plan.refresh != NULL)
		http_set(response, "Refresh", visit->plan.refresh);
	// Browsers that are told to send no referrer at all say `Origin: null` with a form: only pages behind a secret address need that.
	if (!visit_holds_token(visit) || visit->plan.fleeting)
		http_set(response, "Referrer-Policy", "same-origin");
	const char *cookie = language_cookie(visit);
	if (cookie != NULL) {
		http_set(response, "Set-Cookie", cookie);
		if (response->cache != NULL && strncmp(response->cache, "public", 6) == 0)
			response->cache = "private, no-cache"; // a shared cache must not hand one visitor's choice to the next
	}
	if (response->status == 200)
		response->etag = etag(visit, NULL, &body);
}

static bool answer_html(struct visit *visit, struct http_response *response)
{
	const char *language = language_of(visit);
	json_t *context = context_new(visit, language);
	context_rows(visit, context);
	if (visit->failed != NULL) {
		context_form(context, visit->failed, language);
		response->status = problem_status(visit->failed->why.kind);
	}
	answer_page(visit, response, visit->operation->page, language, context);
	return true;
}

static bool answer_ics(struct visit *visit, struct http_response *response)
{
	const struct rows *rows = act_rows(visit, NULL), *events = act_rows(visit, "event");
	const struct rows *entered = act_entered(visit);
	const struct rows *meeting = act_rows(visit, "meeting"), *named = meeting ? meeting : rows;
	const char *name = named != NULL && named->count == 1 ? rows_text(named, 0, "title") : NULL;
	if (name == NULL && entered != NULL)
		name = rows_text(entered, 0, "platform_name");
	struct buffer body;
	buffer_init(&body, visit->arena);
	represent_ics(&body, events ? events : rows, name ? name : "Narada", language_of(visit));
	body_of(response, &body, "text/calendar; charset=utf-8");
	answer_download(visit, response, "ics");
	response->etag = etag(visit, NULL, &body);
	return true;
}

// Only a file that waits comes here: lists are made as their rows come (export.c).
static bool answer_xlsx(struct visit *visit, struct http_response *response)
{
	return export_kept(visit, response);
}

// `{name}` is a path parameter or a column of the row that was made; `{rsvp_url}` is a whole address.
static const char *filled(const struct visit *visit, const char *template, const struct rows *row)
{
	const struct represent_links links = answer_links(visit);
	struct buffer text;
	buffer_init(&text, visit->arena);
	while (*template != '\0') {
		size_t plain = strcspn(template, "{");
		buffer_add(&text, template, plain);
		template += plain;
		if (*template == '\0')
			break;
		size_t length = strcspn(template, "}");
		const char *name = arena_slice(visit->arena, template + 1, length - 1);
		const char *value = plan_path(&visit->plan, name);
		if (value == NULL && row != NULL && row->count > 0)
			value = rows_text(row, 0, name);
		if (value != NULL && represent_is_link(name))
			buffer_puts(&text, represent_link(name, value, &links, visit->arena));
		else
			buffer_puts(&text, value ? contract_encode(visit->arena, value) : "");
		template += length + (template[length] == '}');
	}
	return text.data;
}

// The request's path without the suffix that chose a representation.
static const char *own_path(const struct visit *visit)
{
	const char *path = visit->request->path, *last = strrchr(path, '/');
	const char *suffix = last ? strrchr(last, '.') : NULL;
	return suffix != NULL && contract_medium_by_suffix(suffix) != NULL ? arena_slice(visit->arena, path, (size_t)(suffix - path)) : path;
}

static const char *location_of(const struct visit *visit)
{
	const struct rows *row = act_rows(visit, NULL);
	if (visit->operation->location != NULL) {
		const char *filled_in = filled(visit, visit->operation->location, row);
		return *filled_in != '\0' ? filled_in : NULL;
	}
	if (visit->operation->status != 201 || row == NULL || row->count == 0)
		return NULL;
	const char *name = rows_text(row, 0, "slug");
	if (name == NULL)
		name = rows_text(row, 0, "id");
	return name ? arena_print(visit->arena, "%s/%s", own_path(visit), contract_encode(visit->arena, name)) : NULL;
}

// After DELETE the thing's own page is gone: the page above it is where a person goes on.
static const char *page_after(const struct visit *visit)
{
	const char *path = own_path(visit);
	const char *last = strrchr(path, '/');
	if (strcmp(visit->method, "DELETE") != 0 || last == NULL || last == path)
		return path;
	return arena_slice(visit->arena, path, (size_t)(last - path));
}

void answer_redirect(struct visit *visit, const char *target)
{
	struct http_response response = {.status = 303};
	http_set(&response, "Location", target);
	if (visit->plan.set_cookie != NULL)
		http_set(&response, "Set-Cookie", visit->plan.set_cookie);
	http_answer(visit->request, &response);
}

// What the page that follows says was done: the operation, and what came of it where the row's `_told` says so ("invited-3.skipped-1").
static const char *done(const struct visit *visit)
{
	const struct rows *main_rows = act_rows(visit, NULL);
	const char *told = main_rows != NULL && main_rows->count > 0 ? rows_text(main_rows, 0, "_told") : NULL;
	return told != NULL ? arena_print(visit->arena, "%s.%s", visit->operation->id, told) : visit->operation->id;
}

static void answer_form_post(struct visit *visit)
{
	const char *target = visit->input.form_return ? visit->input.form_return : visit->plan.see_other;
	if (target == NULL)
		target = location_of(visit);
	if (target == NULL)
		target = page_after(visit);
	size_t fragment = strcspn(target, "#");
	bool has_query = memchr(target, '?', fragment) != NULL;
	answer_redirect(
	    visit, arena_print(visit->arena, "%.*s%cdone=%s%s", (int)fragment, target, has_query ? '&' : '?', done(visit), target + fragment));
}

static void announce(const struct visit *visit)
{
	// Where mails reach nobody, a person at the terminal hands the link on. Standard output, not the log: logs are kept and shared.
	// No row: there is no such account, which only the terminal may know.
	const struct rows *asked = act_rows(visit, NULL);
	if (visit->plan.operator_link == NULL || (asked != NULL && asked->count == 0))
		return;
	if (visit->service->mails && asked != NULL && strcmp(rows_text(asked, 0, "_mailed"), "t") == 0)
		return;
	printf("Sign-in link asked for: %s\n", visit->plan.operator_link);
	fflush(stdout);
}

// Numbers as a picture; its title are the words `register.chart.<operation>`, its part `picture` says what it is like. It has its colours
// for dark pages in a style of its own, and nothing else: not even opened by itself it can do anything.
static bool answer_chart(struct visit *visit, struct http_response *response)
{
	const char *language = language_of(visit), *key = arena_print(visit->arena, "register.chart.%s", visit->operation->id);
	const struct rows *picture = act_rows(visit, "picture");
	const char *title = words_text(language, key);
	const struct chart_wish wish = {.rows = act_rows(visit, NULL),
	    .events = act_rows(visit, "events"),
	    .title = title ? title : "",
	    .language = language,
	    .curve = *rows_text(picture, 0, "curve") == 't',
	    .narrow = *rows_text(picture, 0, "narrow") == 't'};
	struct chart chart;
	struct buffer body;
	buffer_init(&body, visit->arena);
	chart_plan(&chart, &wish, visit->arena);
	chart_svg(&body, &chart, language);
	body_of(response, &body, "image/svg+xml");
	http_set(response, "Content-Language", language);
	http_set(response, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
	response->etag = etag(visit, NULL, &body);
	return true;
}

// A page that is opened by pointing a camera: as a picture it is the code that leads to itself. In mails and on screens of any density.
static bool answer_code(struct visit *visit, struct http_response *response)
{
	enum { PIXELS = 8 };
	if (act_step(visit, NULL)->shape == SHAPE_MANY)
		return answer_chart(visit, response);
	struct qr qr;
	const char *address = arena_print(visit->arena, "%s%s", visit->service->base_url, own_path(visit));
	if (!visit->plan.shows_code || !qr_make(&qr, address, visit->arena))
		return refuse(&visit->why, PROBLEM_BROKEN, "There is no code to be shown.", NULL);
	struct buffer body;
	buffer_init(&body, visit->arena);
	if (visit->form == FORM_PNG)
		qr_png(&body, &qr, PIXELS);
	else
		qr_svg(&body, &qr, NULL);
	body_of(response, &body, visit->form == FORM_PNG ? "image/png" : "image/svg+xml");
	response->etag = etag(visit, NULL, &body);
	return true;
}

// Called as the meeting is in addresses, so that several lie beside each other.
static bool answer_archive(struct visit *visit, struct http_response *response)
{
	const struct rows *rows = act_rows(visit, NULL);
	struct buffer body;
	buffer_init(&body, visit->arena);
	const struct rows *kept = act_rows(visit, "files");
	struct represent_archive_file *files = arena_alloc(visit->arena, sizeof *files * ((size_t)kept->count + 1));
	for (int i = 0; i < kept->count; i++) {
		struct buffer bytes;
		buffer_init(&bytes, visit->arena);
		document_bytes(&bytes, rows_text(kept, i, "content"));
		files[i] = (struct represent_archive_file){rows_text(kept, i, "name"), bytes.data, bytes.length};
	}
	if (!represent_archive(&body, rows_text(rows, 0, "document"), files, kept->count))
		return refuse(&visit->why, PROBLEM_BROKEN, "The archive could not be written.", NULL);
	body_of(response, &body, "application/zip");
	http_set(response, "Content-Disposition", arena_print(visit->arena, "attachment; filename=\"%s.zip\"", rows_text(rows, 0, "slug")));
	response->etag = etag(visit, NULL, &body);
	return true;
}

static bool represent(struct visit *visit, struct http_response *response)
{
	static const struct {
		enum contract_form form;
		bool (*answer)(struct visit *, struct http_response *);
	} encoders[] = {{FORM_JSON, answer_json}, {FORM_HTML, answer_html}, {FORM_ICS, answer_ics}, {FORM_XLSX, answer_xlsx},
	    {FORM_SVG, answer_code}, {FORM_PNG, answer_code}, {FORM_ZIP, answer_archive}, {FORM_EVENTS, events_answer}};
	for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++) {
		if (encoders[i].form == visit->form)
			return encoders[i].answer(visit, response);
	}
	return answer_json(visit, response);
}

bool answer_rows(struct visit *visit)
{
	announce(visit);
	bool shown_once = visit->plan.reveal != NULL && visit->operation->page != NULL;
	// Something was done, and there is nothing to look at: a browser goes on, also one that sent no form at all.
	bool goes_on = visit->form_post || (visit->form == FORM_HTML && visit->operation->page == NULL);
	if (goes_on && !shown_once && !visit->plan.stays) {
		answer_form_post(visit);
		return true;
	}
	if (visit->plan.see_other != NULL && visit->form == FORM_HTML && !shown_once) {
		answer_redirect(visit, visit->plan.see_other);
		return true;
	}
	if (visit->form == FORM_PDF)
		return printing_answer(visit);
	struct http_response response = {.status = visit->operation->status};
	answer_caching(visit, &response);
	if (visit->plan.set_cookie != NULL)
		http_set(&response, "Set-Cookie", visit->plan.set_cookie);
	const char *location = location_of(visit);
	if (location != NULL)
		http_set(&response, "Location", location);
	if (response.status != 204 && !represent(visit, &response))
		return false;
	page_cache_keep(visit, &response);
	http_answer(visit->request, &response);
	return true;
}

void answer_options(struct visit *visit)
{
	struct http_response response = {.status = 204};
	http_set(&response, "Allow", visit->match.allow);
	if (strstr(visit->match.allow, "PATCH") != NULL)
		http_set(&response, "Accept-Patch", "application/merge-patch+json");
	if (strstr(visit->match.allow, "POST") != NULL)
		http_set(&response, "Accept-Post", "application/json, application/x-www-form-urlencoded");
	http_answer(visit->request, &response);
}
