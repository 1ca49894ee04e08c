// access.c: who asks. Credentials are read here and believed, or not, by the batch's first statement.
#include "serve.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

static bool is_our_origin(const struct exchange *x, const char *origin)
{
	if (strcasecmp(origin, x->service->base_url) == 0)
		return true;
	const char *authority = strstr(origin, "://");
	const char *host = http_header(x->request, "Host");
	return authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0;
}

// What a page elsewhere could make our visitor's browser send: anything with the cookie it adds by itself, and a form, which needs no
// permission.
bool access_same_origin(struct exchange *x)
{
	if (!exchange_changes(x))
		return true;
	const char *content_type = http_header(x->request, "Content-Type");
	bool simple = content_type != NULL && strncasecmp(content_type, "application/json", 16) != 0 && strstr(content_type, "+json") == NULL;
	bool by_cookie = http_header(x->request, "Authorization") == NULL && http_cookie(x->request, PLAN_SESSION_COOKIE) != NULL;
	if (!simple && !by_cookie)
		return true;

	const char *site = http_header(x->request, "Sec-Fetch-Site");
	const char *origin = http_header(x->request, "Origin");
	bool ours;
	if (site != NULL)
		ours = strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
	else if (origin == NULL)
		ours = true; // not a browser of this decade, or none at all
	else             // browsers that hide the referrer say "null"; the invitee's form has a token of its own
		ours = is_our_origin(x, origin) || (strcmp(origin, "null") == 0 && x->operation->role == ROLE_INVITEE);
	return ours || refuse(&x->why, PROBLEM_NOT_ALLOWED, "This request came from a page of another site.", "cross_origin");
}

static const char *bearer_token(const struct exchange *x)
{
	const char *authorization = http_header(x->request, "Authorization");
	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

static const char *path_parameter(const struct exchange *x, const char *name)
{
	for (int i = 0; i < x->operation->path_parameters; i++) {
		if (strcmp(x->operation->path_parameter[i].name, name) == 0)
			return x->input.path[i];
	}
	return NULL;
}

// The link's MAC is checked here, so that guessing costs the database nothing.
static bool open_link(struct exchange *x)
{
	struct access *access = &x->access;
	char *invitation = arena_alloc(x->arena, 37);
	unsigned version = 0;
	access->link = path_parameter(x, "token");
	if (access->platform == NULL || access->link == NULL ||
	    !secret_link_open(&x->service->key, access->platform, access->link, invitation, &version))
		return refuse(&x->why, PROBLEM_NOT_FOUND, "This link leads to no invitation. Check that it was copied whole.", "no_such_link");
	access->invitation = invitation;
	access->link_version = arena_print(x->arena, "%u", version);
	return true;
}

bool access_credentials(struct exchange *x)
{
	struct access *access = &x->access;
	const char *token = bearer_token(x);
	const char *cookie = http_cookie(x->request, PLAN_SESSION_COOKIE);
	if (token == NULL && cookie != NULL && *cookie != '\0' && http_header(x->request, "Authorization") == NULL) {
		token = cookie;
		access->by_cookie = true;
	}
	access->platform = path_parameter(x, "platform");
	if (x->operation->role == ROLE_INVITEE)
		return open_link(x);
	if (token != NULL)
		access->hash = secret_hash(x->arena, token);
	return true;
}

// Mail scanners open links and some even post forms: a change needs the token that the page they saw gave a person shortly before.
bool access_form_token(struct exchange *x)
{
	if (x->access.link == NULL || !x->input.from_form || !exchange_changes(x))
		return true;
	const char *token = x->input.form_token;
	return (token != NULL && secret_form_check(&x->service->key, x->access.link, token, x->plan.now)) ||
	       refuse(&x->why, PROBLEM_NOT_ALLOWED, "This form is too old. It is shown again: please send it once more.", "form_expired");
}

static const char **values_of(struct exchange *x, const struct db_statement *statement)
{
	return arena_alloc(x->arena, sizeof(const char *) * (size_t)statement->parameters);
}

void access_enter(struct exchange *x)
{
	const struct access *access = &x->access;
	const struct db_statement *statement = access->invitation ? x->service->enter_invitation : x->service->enter;
	const char **values = values_of(x, statement);
	if (access->invitation != NULL) {
		values[0] = access->platform;
		values[1] = access->invitation;
		values[2] = access->link_version;
	} else {
		values[0] = access->hash;
		values[1] = access->platform;
		values[2] = contract_role_name(x->operation->role);
	}
	values[3] = x->request->id;
	db_add(&x->batch, statement, values);
}

// Which members were sent, never what they held: the history must not keep what a person has a right to have erased.
static const char *audit_detail(const struct exchange *x)
{
	const struct contract_schema *body = x->operation->body;
	const char *names = "";
	for (int i = 0; body != NULL && x->input.present != NULL && i < body->properties; i++) {
		if (x->input.present[i])
			names = arena_print(x->arena, "%s%s\"%s\"", names, *names ? ", " : "", body->property[i].name);
	}
	return *names ? arena_print(x->arena, "{\"members\": [%s]}", names) : NULL;
}

void access_audit(struct exchange *x)
{
	const char **values = values_of(x, x->service->audit);
	values[0] = x->operation->id;
	values[1] = exchange_route(x);
	values[2] = audit_detail(x);
	db_add(&x->batch, x->service->audit, values);
}
