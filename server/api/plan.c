// plan.c: how a handler reads what a request brought and hands values to its statements.
#include "api/plan.h"

#include <string.h>

#include "base/arena.h"

bool plan_extra(struct plan *plan, const char *name, const char *value)
{
	const struct contract_operation *operation = plan->input->operation;
	for (int i = 0; i < operation->extras; i++) {
		if (strcmp(operation->extra[i], name) == 0) {
			plan->input->extra[i] = value;
			return true;
		}
	}
	return false;
}

static const char *parameter_value(const struct contract_parameter *parameters, int count, const char **values, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(parameters[i].name, name) == 0)
			return values[i];
	}
	return NULL;
}

const char *plan_path(const struct plan *plan, const char *name)
{
	const struct contract_operation *operation = plan->input->operation;
	return parameter_value(operation->path_parameter, operation->path_parameters, plan->input->path, name);
}

const char *plan_query(const struct plan *plan, const char *name)
{
	const struct contract_operation *operation = plan->input->operation;
	return parameter_value(operation->query_parameter, operation->query_parameters, plan->input->query, name);
}

const char *plan_body(const struct plan *plan, const char *name)
{
	const struct contract_schema *body = plan->input->operation->body;
	for (int i = 0; body != NULL && plan->input->body != NULL && i < body->properties; i++) {
		if (strcmp(body->property[i].name, name) == 0)
			return plan->input->body[i];
	}
	return NULL;
}

const char *plan_session_name(bool secure)
{
	return secure ? "__Host-narada_session" : "narada_session";
}

const char *plan_session_cookie(const struct plan *plan, const char *token, int64_t seconds)
{
	// Lax, not Strict: the session must be there when somebody follows a link from a mail. Changes are guarded by the same-origin check.
	return arena_print(plan->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", plan_session_name(plan->secure),
	    token ? token : "", token ? (long long)seconds : 0LL, plan->secure ? "; Secure" : "");
}

const char *plan_ticket_cookie(const struct plan *plan, const char *token, int64_t seconds)
{
	return arena_print(plan->arena, PLAN_TICKET_COOKIE "=%s; Path=/here; HttpOnly; SameSite=Lax; Max-Age=%lld%s", token, (long long)seconds,
	    plan->secure ? "; Secure" : "");
}

const char *plan_bytea(struct plan *plan, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(plan->arena, 2 * length + 3), *end = text;
	*end++ = '\\';
	*end++ = 'x';
	for (size_t i = 0; i < length; i++) {
		*end++ = digits[(unsigned char)bytes[i] >> 4];
		*end++ = digits[(unsigned char)bytes[i] & 15];
	}
	return text;
}
