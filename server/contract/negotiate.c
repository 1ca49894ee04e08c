// negotiate.c: which representation the client would like best (RFC 9110, 12.5.1).
#include "contract/contract.h"

#include <string.h>
#include <strings.h>

#include "base/weight.h"

struct range {
	const char *type, *subtype;
	size_t type_length, subtype_length;
	int quality; // thousandths
};

// Reads the range at *at and moves behind it; false at the end.
static bool next_range(const char **at, struct range *range)
{
	*at += strspn(*at, " \t,");
	if (!**at)
		return false;
	const char *end = *at + strcspn(*at, ",");
	range->type = *at;
	range->type_length = strcspn(*at, "/;, \t");
	range->subtype = range->type + range->type_length;
	if (*range->subtype == '/')
		range->subtype++;
	range->subtype_length = strcspn(range->subtype, ";, \t");
	const char *parameters = range->subtype + range->subtype_length;
	range->quality = weight_of(parameters, (size_t)(end - parameters));
	*at = end;
	return true;
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !strncasecmp(text, word, length);
}

// 0: not meant; 1: by */*; 2: by text/*; 3: by name.
static int precision(const struct range *range, int which)
{
	bool any_subtype = is_word(range->subtype, range->subtype_length, "*");
	if (any_subtype && is_word(range->type, range->type_length, "*"))
		return 1;
	if (!is_word(range->type, range->type_length, contract_media[which].type))
		return 0;
	if (any_subtype)
		return 2;
	return is_word(range->subtype, range->subtype_length, contract_media[which].subtype) ? 3 : 0;
}

// The most precise range that means a representation decides how much it is liked.
static void weigh(const char *accept, int liked[CONTRACT_MEDIA])
{
	int best[CONTRACT_MEDIA] = {0};
	struct range range;
	while (next_range(&accept, &range))
		for (int i = 0; i < CONTRACT_MEDIA; i++) {
			int how = precision(&range, i);
			if (how < best[i] || !how || (how == best[i] && range.quality < liked[i]))
				continue;
			best[i] = how;
			liked[i] = range.quality;
		}
}

static unsigned possible(const struct contract_operation *operation)
{
	// A form post leads to its page, whatever the operation itself answers. Where that is nothing (204), this is about its refusals: a page
	// only for those who like pages better.
	unsigned forms = operation->forms ? operation->forms : FORM_JSON;
	return forms | (operation->form_page ? FORM_HTML : 0);
}

bool contract_negotiate(const struct contract_match *match, const char *accept, enum contract_form *form, struct problem *why)
{
	unsigned forms = possible(match->operation);
	*form = FORM_JSON;
	if (match->form) {
		*form = match->form;
		return true;
	}
	int liked[CONTRACT_MEDIA] = {0}, best = -1;
	weigh(accept && accept[strspn(accept, " \t,")] ? accept : "*/*", liked);
	for (int i = 0; i < CONTRACT_MEDIA; i++)
		if (forms & contract_media[i].form && liked[i] > 0 && (best < 0 || liked[i] > liked[best]))
			best = i;
	if (best >= 0) {
		*form = contract_media[best].form;
		return true;
	}
	// What has nothing to represent (204), or no representation of ours (metrics), is acceptable to everybody.
	if (!match->operation->forms)
		return true;
	return refuse(why, PROBLEM_NOT_ACCEPTABLE, "There is no such representation of this.", NULL);
}
