// bind.c: the text that a statement's parameter gets, and the names of roles.
#include "contract/contract.h"

const char *contract_role_name(enum contract_role role)
{
	static const char *const names[] = {
	    [ROLE_PUBLIC] = "public",
	    [ROLE_SESSION] = "session",
	    [ROLE_INVITEE] = "invitee",
	    [ROLE_REGISTRANT] = "registrant",
	    [ROLE_VIEWER] = "viewer",
	    [ROLE_ASSISTANT] = "assistant",
	    [ROLE_ORGANISER] = "organiser",
	    [ROLE_OWNER] = "owner",
	};
	return names[role];
}

bool contract_by_link(enum contract_role role)
{
	return role == ROLE_INVITEE || role == ROLE_REGISTRANT;
}

const char *contract_bind(const struct contract_input *input, const struct contract_binding *binding,
    const struct contract_surroundings *around, struct arena *arena)
{
	(void)arena;
	switch (binding->source) {
	case FROM_PATH:
		return input->path[binding->index];
	case FROM_QUERY:
		return input->query[binding->index];
	case FROM_BODY:
		return input->body[binding->index];
	case FROM_PRESENT:
		return input->present[binding->index] ? "true" : "false";
	case FROM_BODY_ALL:
		return input->body_text;
	case FROM_IF_MATCH:
		return input->if_match;
	case FROM_REQUEST_PATH:
		return around->request_path;
	case FROM_REQUEST_ID:
		return around->request_id;
	case FROM_LANGUAGE:
		return around->language;
	case FROM_EXTRA:
		return input->extra[binding->index];
	}
	return NULL;
}
