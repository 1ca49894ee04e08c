// access.c: who asks. Credentials are read here and believed, or not, by the batch's first statement.
#include "serve.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

static bool is_our_origin(const struct visit *visit, const char *origin)
{
	if (strcasecmp(origin, visit->service->base_url) == 0)
		return true;
	const char *authority = strstr(origin, "://");
	const char *host = http_header(visit->request, "Host");
	return authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0;
}

// What a page elsewhere could make our visitor's browser send: anything with the cookie it adds by itself, and a form, which needs no
// permission. And nothing changes by what a browser only prepares.
bool access_same_origin(struct visit *visit)
{
	if (!visit_changes(visit))
		return true;
	const char *purpose = http_header(visit->request, "Sec-Purpose");
	if (purpose != NULL && strncmp(purpose, "prefetch", 8) == 0)
		return refuse(&visit->why, PROBLEM_NOT_ALLOWED, "This was sent in advance, and nobody has asked for it yet.", "sent_in_advance");
	const char *content_type = http_header(visit->request, "Content-Type");
	bool simple = content_type != NULL && strncasecmp(content_type, "application/json", 16) != 0 && strstr(content_type, "+json") == NULL;
	bool by_cookie = http_header(visit->request, "Authorization") == NULL &&
	                 http_cookie(visit->request, plan_session_name(visit->service->secure)) != NULL;
	if (!simple && !by_cookie)
		return true;

	const char *site = http_header(visit->request, "Sec-Fetch-Site");
	const char *origin = http_header(visit->request, "Origin");
	bool ours;
	if (site != NULL)
		ours = strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
	else if (origin == NULL)
		ours = true; // not a browser of this decade, or none at all
	else             // browsers that hide the referrer say "null"; the invitee's form has a token of its own
		ours = is_our_origin(visit, origin) || (strcmp(origin, "null") == 0 && contract_by_link(visit->operation->role));
	return ours || refuse(&visit->why, PROBLEM_NOT_ALLOWED, "This request came from a page of another site.", "cross_origin");
}

static const char *bearer_token(const struct visit *visit)
{
	const char *authorization = http_header(visit->request, "Authorization");
	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

static const char *path_parameter(const struct visit *visit, const char *name)
{
	for (int i = 0; i < visit->operation->path_parameters; i++) {
		if (strcmp(visit->operation->path_parameter[i].name, name) == 0)
			return visit->input.path[i];
	}
	return NULL;
}

// The link's MAC is checked here, so that guessing costs the database nothing.
static bool open_link(struct visit *visit)
{
	struct access *access = &visit->access;
	bool (*opens)(const struct secret_key *, const char *, const char *, char[37], unsigned *) =
	    visit->operation->role == ROLE_INVITEE ? secret_link_open : secret_registration_open;
	char *opened = arena_alloc(visit->arena, 37);
	unsigned version = 0;
	access->link = path_parameter(visit, "token");
	if (access->platform == NULL || access->link == NULL || !opens(&visit->service->key, access->platform, access->link, opened, &version))
		return limits_guess(visit);
	access->opened = opened;
	access->link_version = arena_print(visit->arena, "%u", version);
	return true;
}

bool access_credentials(struct visit *visit)
{
	struct access *access = &visit->access;
	const char *token = bearer_token(visit);
	const char *cookie = http_cookie(visit->request, plan_session_name(visit->service->secure));
	if (token == NULL && cookie != NULL && *cookie != '\0' && http_header(visit->request, "Authorization") == NULL) {
		token = cookie;
		access->by_cookie = true;
	}
	access->platform = path_parameter(visit, "platform");
	if (contract_by_link(visit->operation->role))
		return open_link(visit);
	if (token != NULL)
		access->hash = secret_hash(visit->arena, token);
	return true;
}

// Mail scanners open links and some even post forms: a change needs the token that the page they saw gave a person shortly before.
bool access_form_token(struct visit *visit)
{
	if (visit->access.link == NULL || !visit->input.from_form || !visit_changes(visit))
		return true;
	const char *token = visit->input.form_token;
	return (token != NULL && secret_form_check(&visit->service->key, visit->access.link, token, visit->plan.now)) ||
	       refuse(&visit->why, PROBLEM_NOT_ALLOWED, "This form is too old. It is shown again: please send it once more.", "form_expired");
}

static const char **values_of(struct visit *visit, const struct db_statement *statement)
{
	return arena_alloc(visit->arena, sizeof(const char *) * (size_t)statement->parameters);
}

static void enter(struct visit *visit, const struct db_statement *statement, const char *const *asked)
{
	const char **values = values_of(visit, statement);
	memcpy(values, asked, sizeof(const char *) * (size_t)statement->parameters);
	db_add(&visit->batch, statement, values);
}

void access_enter(struct visit *visit)
{
	const struct access *access = &visit->access;
	const struct service *service = visit->service;
	const char *id = visit->request->id;
	enum contract_role role = visit->operation->role;
	if (role == ROLE_INVITEE)
		enter(visit, service->enter_invitation, (const char *[]){access->platform, access->opened, access->link_version, id});
	else if (role == ROLE_REGISTRANT)
		enter(visit, service->enter_registration, (const char *[]){access->platform, access->opened, id});
	else
		enter(visit, service->enter, (const char *[]){access->hash, access->platform, contract_role_name(role), id});
}

// Of another platform nothing is there, whatever is sent to it; and a stranger is asked to sign in, not to correct a form.
bool access_comes_first(struct visit *visit)
{
	static const enum problem_kind of_the_request[] = {
	    PROBLEM_BAD_REQUEST, PROBLEM_STALE, PROBLEM_MEDIA_TYPE, PROBLEM_BAD_INPUT, PROBLEM_NEEDS_VERSION};
	bool faulty = false;
	for (size_t i = 0; i < sizeof of_the_request / sizeof of_the_request[0]; i++)
		faulty = faulty || visit->why.kind == of_the_request[i];
	if (!faulty || visit->input.operation == NULL || !access_credentials(visit))
		return false;
	if (visit->operation->role == ROLE_PUBLIC && visit->access.hash == NULL)
		return false;
	for (int i = 0; i < visit->operation->steps; i++)
		visit->item[i] = -1;
	access_enter(visit);
	return true;
}

// Which members were sent, never what they held: the history must not keep what a person has a right to have erased.
static const char *audit_detail(const struct visit *visit)
{
	const struct contract_schema *body = visit->operation->body;
	const char *names = "";
	for (int i = 0; body != NULL && visit->input.present != NULL && i < body->properties; i++) {
		if (visit->input.present[i])
			names = arena_print(visit->arena, "%s%s\"%s\"", names, *names ? ", " : "", body->property[i].name);
	}
	return *names ? arena_print(visit->arena, "{\"members\": [%s]}", names) : NULL;
}

void access_audit(struct visit *visit)
{
	const char **values = values_of(visit, visit->service->audit);
	values[0] = visit->operation->id;
	values[1] = visit_route(visit);
	values[2] = audit_detail(visit);
	db_add(&visit->batch, visit->service->audit, values);
}
