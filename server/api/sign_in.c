// sign_in.c: sign-in links and the sessions they lead to. Links and cookies are made here; the database only ever sees their hashes.
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/secret.h"

enum { SESSION_SECONDS = 30 * 24 * 3600 }; // the statement request_sign_in gives the session the same 30 days

// The cookie follows from the link and our key alone, so that opening the link changes nothing in the database: mail scanners open every
// link.
static const char *session_of(const struct plan *plan, const char *link)
{
	return secret_derive(plan->arena, plan->key, "ns_", link);
}

// The page to go on to, or NULL. The contract's pattern says the same; this is what it is for.
static const char *own_page(const char *path)
{
	return path != NULL && contract_is_own_path(path) ? path : NULL;
}

static const char *with_return(struct plan *plan, const char *address, const char *page)
{
	return page ? arena_print(plan->arena, "%s?return=%s", address, contract_encode(plan->arena, page)) : address;
}

bool api_request_sign_in(struct plan *plan, struct problem *why)
{
	(void)why;
	const char *page = own_page(plan_body(plan, "return"));
	// The mail waits in the database, where nobody may read a link: what stands there makes one only together with our key.
	const char *seed = secret_token(plan->arena, "");
	const char *link = secret_derive(plan->arena, plan->key, "nl_", seed);
	plan_extra(plan, "seed", seed);
	plan_extra(plan, "way", with_return(plan, "", page));
	plan_extra(plan, "link_hash", secret_hash(plan->arena, link));
	plan_extra(plan, "session_hash", secret_hash(plan->arena, session_of(plan, link)));
	plan->operator_link = with_return(plan, arena_print(plan->arena, "%s/sign-in/%s", plan->base_url, link), page);
	plan->see_other = with_return(plan, "/sign-in", page);
	return true;
}

bool api_open_sign_in(struct plan *plan, struct problem *why)
{
	(void)why;
	const char *link = plan_path(plan, "token");
	const char *page = own_page(plan_query(plan, "return"));
	plan_extra(plan, "link_hash", secret_hash(plan->arena, link));
	plan->set_cookie = plan_session_cookie(plan, session_of(plan, link), SESSION_SECONDS);
	plan->see_other = page ? page : "/platforms";
	return true;
}

bool api_end_session(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->set_cookie = plan_session_cookie(plan, NULL, 0);
	plan->see_other = "/";
	return true;
}
