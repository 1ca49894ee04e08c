// printing.c: pictures for paper, and certificates that are believed only if they are ours.
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"
#include "represent/picture.h"

bool api_verify_certificate(struct plan *plan, struct problem *why)
{
	enum { ID_TEXT = 37 };
	char *id = arena_alloc(plan->arena, ID_TEXT);
	unsigned version;
	plan->fleeting = true;
	if (!secret_certificate_open(plan->key, plan_path(plan, "platform"), plan_path(plan, "token"), id, &version))
		return refuse(
		    why, PROBLEM_NOT_FOUND, "This is no certificate of ours. Check that the address was copied whole.", "no_such_certificate");
	return plan_extra(plan, "attendance", id);
}

// NULL: it is no base64.
static const char *decoded(struct plan *plan, const char *text, size_t *length)
{
	size_t room = strlen(text);
	unsigned char *bytes = arena_alloc(plan->arena, room + 1);
	bool good = sodium_base642bin(bytes, room, text, room, NULL, length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
	return good ? (const char *)bytes : NULL;
}

// Whether it is a picture is found out before it is kept: paper must not fail for it later. JSON brings it as text.
bool api_set_print_logo(struct plan *plan, struct problem *why)
{
	const struct contract_file *file = &plan->input->file;
	const char *text = plan_body(plan, "picture"), *bytes = file->bytes;
	size_t length = file->length;
	if (bytes == NULL && text != NULL)
		bytes = decoded(plan, text, &length);
	struct picture picture;
	if (bytes == NULL || !picture_look(&picture, bytes, length))
		return refuse(why, PROBLEM_BAD_INPUT, "Send a PNG or JPEG of at most 8 megapixels.", "not_a_picture");
	return plan_extra(plan, "logo", plan_bytea(plan, bytes, length));
}
