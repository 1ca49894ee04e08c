// serve.h: the request path, and what its files share. Read serve.c first: it is the whole path on one screen.
//
// Room rules: the top room; uses every other, and is the only one (with cli/) that logs. One file, one subject:
// access.c who asks · act.c which statements run · answer.c rows to a response · context.c what a template sees · built_in.c and docs.c
// what the service says about itself · form_page.c a form shown again · language.c which language · limits.c how often · metrics.c counters
// · page_cache.c what the public sees, for a moment · refusal.c problems · service.c threads · sheets.c what a list as a file is like
// · stream.c CSV and cards · document.c what was put here · events.c who listens · export.c workbooks · printing.c PDF · shelf.c files that
// wait.
#pragma once

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/plan.h"
#include "base/problem.h"
#include "base/secret.h"
#include "contract/contract.h"
#include "db/db.h"
#include "events.h"
#include "http/http.h"
#include "metrics.h"
#include "page_cache.h"
#include "represent/represent.h"
#include "represent/sheet.h"

struct buffer;
struct limiter;
struct loop;
struct pool;
struct shelf;

// What one address may do only so often.
enum limit { LIMIT_LINKS, LIMIT_SIGN_IN, LIMIT_REGISTER, LIMIT_CODES, LIMITS };

// The process. Filled before the loops start and only read afterwards, so that loops share it without locks.
struct service {
	struct secret_key key;
	const char *base_url; // without trailing slash
	bool secure;          // base_url is https
	bool mails;           // mails reach people, not only a folder
	bool access_log;
	int64_t started_at; // unix seconds
	const struct db_statement *enter, *enter_invitation, *enter_registration, *audit;
	struct pool *pool;   // for what takes the processor long
	struct shelf *shelf; // of files that wait to be fetched
	struct page_changes changes;
	int loops;
	struct serve_loop *loop;
	bool opened;   // atomic: set once, when everything a newcomer is told to look at is there
	bool stopping; // atomic: set once, when the service drains
	int running;   // atomic: loops that have not ended
};

// One event loop's own: what a request needs of its thread.
struct serve_loop {
	struct service *service;
	struct loop *loop;
	struct db *db;
	struct http_server *server;
	struct metrics metrics;
	struct page_cache *pages;
	struct events *events;
	struct limiter *limiter[LIMITS];
	struct janitor *janitor;   // on the first loop only
	struct outbox *outbox;     // likewise
	struct importer *importer; // likewise
	int exports;               // workbooks in the making, also those that nobody waits for any more
	bool database_away;        // as last told to the operator; by the first loop only
	pthread_t thread;
	int64_t drain_ms;    // how long stopping may take
	int64_t drain_until; // loop_now of the latest end, once stopping
};

// Who asks, before the database has said whether it believes it.
struct access {
	const char *hash;         // of the Bearer token or session cookie; NULL: nobody
	bool by_cookie;           // the browser sent it by itself
	const char *platform;     // the slug in the path, or NULL
	const char *link;         // the token of an invitee's or registrant's link, or NULL
	const char *opened;       // what it opened to: the id of an invitation or registration
	const char *link_version; // decimal; of an invitation
};

// One request on its way. Everything lives in the request's arena.
struct visit {
	struct http_request *request;
	struct serve_loop *loop;
	struct service *service;
	struct arena *arena;
	const char *method; // after a form's override
	struct contract_match match;
	const struct contract_operation *operation; // match.operation
	enum contract_form form;
	bool form_post; // a browser's form: answered with a redirect, or the form again
	struct contract_input input;
	struct access access;
	struct plan plan;
	struct db_batch batch;
	int item[DB_MAX_STATEMENTS]; // of each step of the operation; -1 if it does not run
	const char *page_key;        // what the cache knows the answer by; NULL: it is for one visitor
	uint64_t page_generation;
	int64_t page_began;
	struct problem why;
	const struct visit *failed; // this visit shows the form of that one again
	bool form_page_tried;
};

void serve_request(struct http_request *request, void *service_loop);
void serve_refused(struct http_request *request, const struct problem *why, void *service_loop);
size_t serve_room(const struct http_request *request, void *service_loop);
void serve_sent(const struct http_request *request, int status, uint64_t bytes, void *service_loop);
struct visit *visit_new(struct http_request *request, struct serve_loop *loop);
bool visit_changes(const struct visit *visit); // its method is not a safe one
// A token in the path is a key: whoever reads a log, the audit or a Referer must not be able to use it.
bool visit_holds_token(const struct visit *visit);
const char *visit_route(const struct visit *visit);                   // the path for logs and the audit: never with a token in it
const char *visit_query(const struct visit *visit, const char *name); // a query parameter, decoded; NULL if absent
void visit_send(struct visit *visit);                                 // the batch, and then the end of the line

// access.c
bool access_same_origin(struct visit *visit);
bool access_credentials(struct visit *visit);
bool access_form_token(struct visit *visit);
bool access_comes_first(struct visit *visit); // the request is faulty: is it to be found out first who makes it? Then that is the batch
void access_enter(struct visit *visit);
void access_audit(struct visit *visit);

// limits.c
void limits_open(struct serve_loop *loop);
void limits_close(struct serve_loop *loop);
bool limits_guess(struct visit *visit);   // a link was none: refuses it, as not found or as one too many
bool limits_guessed(struct visit *visit); // a handler refused: if what it opens was a secret address, that was a guess, too
bool limits_allow(struct visit *visit);   // an operation that is asked for seldom: is it too often?

// act.c
bool act_handle(struct visit *visit);                                     // the operation's handler, if it has one
void act_plan(struct visit *visit);                                       // enter, the steps that apply, audit
bool act_outcome(struct visit *visit);                                    // did all of it work
const struct rows *act_rows(const struct visit *visit, const char *part); // NULL if it did not run; part NULL is the main one
const struct contract_step *act_step(const struct visit *visit, const char *part);
const struct rows *act_entered(const struct visit *visit);           // the row of enter(), or NULL
const struct contract_step *act_streamed(const struct visit *visit); // the statement whose rows a file is made of

// language.c
const char *language_wanted(const struct visit *visit); // before the rows are there
const char *language_of(const struct visit *visit);
const char *language_cookie(const struct visit *visit); // Set-Cookie, when ?lang= chose one; else NULL
json_t *language_list(const struct visit *visit, const char *current);

// context.c
json_t *context_new(struct visit *visit, const char *language); // arena-deferred
void context_rows(struct visit *visit, json_t *context);
void context_form(json_t *context, const struct visit *failed, const char *language);
json_t *context_problem(const struct visit *visit, const char *language); // new

// answer.c
bool answer_rows(struct visit *visit);
const char *answer_next(const struct visit *visit, const struct rows *rows, int *limit); // URL of the next page, or NULL
void answer_options(struct visit *visit);
void answer_page(struct visit *visit, struct http_response *response, const char *page, const char *language, json_t *context);
void answer_redirect(struct visit *visit, const char *target);
void answer_caching(const struct visit *visit, struct http_response *response);
void answer_download(const struct visit *visit, struct http_response *response, const char *suffix);
const char *answer_plain_name(const struct visit *visit); // of a file, in ASCII, without suffix: the last segment of the path

struct represent_links answer_links(const struct visit *visit);

// sheets.c
bool sheets_streamed(const struct visit *visit);        // it is answered row by row: CSV, workbook, cards, a document's bytes
const char *sheets_name(const struct visit *visit);     // of the list: "attendees"
const char *sheets_language(const struct visit *visit); // for headings and choices; NULL: as the API calls them
const char *sheets_title(const struct visit *visit);    // of the meeting, or the platform's name
const char *sheets_time_zone(const struct visit *visit);
const char *sheets_file_name(const struct visit *visit, const char *suffix);
const char *sheets_disposition(struct arena *arena, const char *plain, const char *file_name);
struct represent_wish sheets_wish(const struct visit *visit);
struct represent_csv sheets_csv(const struct visit *visit);
void sheets_headers(struct visit *visit, struct http_response *response, const char *suffix); // type, caching, name of the file

// document.c: a file as somebody put it here
void document_headers(struct visit *visit, struct http_response *response);
void document_write(struct buffer *out, const struct rows *piece); // its bytes, of rows that have them as `piece`
void document_bytes(struct buffer *out, const char *text);         // of a bytea as PostgreSQL writes it

// refusal.c, form_page.c, stream.c, built_in.c, docs.c
void refusal_answer(struct visit *visit);
bool form_page_again(struct visit *visit); // false: there is no form to show
void stream_answer(struct visit *visit);
void export_answer(struct visit *visit);                               // a list as a workbook, or a meeting with all its lists
bool export_kept(struct visit *visit, struct http_response *response); // a file that was made and waits; false: visit->why
bool printing_answer(struct visit *visit);                             // a PDF; false: visit->why
bool built_in_answer(struct visit *visit);                             // false: it is an operation with statements
void docs_answer(struct visit *visit);
