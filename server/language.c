// language.c: which language an answer speaks, in one documented order.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "represent/words.h"

static const char cookie_name[] = "narada_lang";

// One of ours, or NULL: a made-up code must not get into a cookie or a page.
static const char *known(const char *code)
{
	for (const char *const *language = words_languages(); code != NULL && *language != NULL; language++) {
		if (strcmp(*language, code) == 0)
			return *language;
	}
	return NULL;
}

// Where many share a browser, the next is not to find the choice of the one before: `?lang=usual`.
static bool is_taken_back(const struct visit *visit)
{
	const char *now = visit_query(visit, "lang");
	return now != NULL && strcmp(now, "usual") == 0;
}

// What the visitor chose on a page, now or earlier.
static const char *chosen(const struct visit *visit)
{
	const char *now = known(visit_query(visit, "lang"));
	return now || is_taken_back(visit) ? now : known(http_cookie(visit->request, cookie_name));
}

const char *language_wanted(const struct visit *visit)
{
	const char *language = chosen(visit);
	return language ? language : words_language(http_header(visit->request, "Accept-Language"), NULL);
}

// An invitation is in the language its organiser recorded for the person: a phone bought abroad says little.
static const char *of_invitee(const struct visit *visit)
{
	for (int i = 0; i < visit->operation->steps; i++) {
		const struct rows *rows = visit->item[i] >= 0 ? &visit->batch.item[visit->item[i]].rows : NULL;
		const char *language = rows != NULL && rows->count > 0 ? known(rows_text(rows, 0, "_language")) : NULL;
		if (language != NULL)
			return language;
	}
	return NULL;
}

// What was chosen on a page, the invitee's, the browser's, the account's, the platform's.
const char *language_of(const struct visit *visit)
{
	const char *language = chosen(visit);
	const struct rows *entered = act_entered(visit);
	if (language == NULL && entered != NULL && rows_text(entered, 0, "account_id") == NULL)
		language = of_invitee(visit);
	if (language != NULL)
		return language;
	const char *usual = entered ? rows_text(entered, 0, "account_language") : NULL;
	if (usual == NULL && entered != NULL)
		usual = rows_text(entered, 0, "language");
	return words_language(http_header(visit->request, "Accept-Language"), usual);
}

const char *language_cookie(const struct visit *visit)
{
	const char *now = known(visit_query(visit, "lang"));
	if (now == NULL && !is_taken_back(visit))
		return NULL;
	return arena_print(visit->arena, "%s=%s; Path=/; SameSite=Lax; Max-Age=%d%s", cookie_name, now ? now : "", now ? 31536000 : 0,
	    visit->service->secure ? "; Secure" : "");
}

// Where the page is. A form that was refused was posted elsewhere, perhaps to where nothing can be read.
static const char *page_path(const struct visit *visit)
{
	if (visit->failed == NULL)
		return visit->request->path;
	const char *path = "", *at = visit->operation->path;
	while (*at != '\0') {
		size_t plain = strcspn(at, "{");
		path = arena_print(visit->arena, "%s%.*s", path, (int)plain, at);
		at += plain;
		if (*at == '\0')
			break;
		size_t length = strcspn(at, "}");
		const char *value = plan_path(&visit->plan, arena_slice(visit->arena, at + 1, length - 1));
		path = arena_print(visit->arena, "%s%s", path, value ? contract_encode(visit->arena, value) : "");
		at += length + 1;
	}
	return path;
}

// A refusal says nothing of the secret in its own address: pages that fail are copied into mails to whoever may help.
static bool hides_address(const struct visit *visit)
{
	return visit->failed == NULL && visit->why.kind != PROBLEM_NONE && visit_holds_token(visit);
}

// The page's own address with another `lang`.
static const char *in_language(const struct visit *visit, const char *code)
{
	if (hides_address(visit))
		return arena_print(visit->arena, "?lang=%s", code);
	// "//elsewhere.example" is nothing here, but as a link it would lead there.
	const char *path = page_path(visit), *url = arena_print(visit->arena, "/%s?", path + strspn(path, "/"));
	for (const char *at = visit->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&");
		bool reserved = strncmp(at, "lang=", 5) == 0 || strncmp(at, "done=", 5) == 0;
		if (pair > 0 && !reserved)
			url = arena_print(visit->arena, "%s%.*s&", url, (int)pair, at);
		at += pair + (at[pair] == '&');
	}
	return arena_print(visit->arena, "%slang=%s", url, code);
}

json_t *language_list(const struct visit *visit, const char *current)
{
	json_t *list = json_array();
	if (hides_address(visit) && visit_changes(visit)) // there may be nothing to read where it was posted
		return list;
	for (const char *const *language = words_languages(); *language != NULL; language++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s}", "code", *language, "name", words_language_name(*language), "current",
		                                strcmp(*language, current) == 0, "url", in_language(visit, *language)));
	return list;
}
