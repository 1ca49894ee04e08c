// address.c: addresses as people write them, and as they go over the wire.
#include <ctype.h>
#include <string.h>
#include <unicode/uidna.h>

#include "base/arena.h"
#include "mail/mail.h"

enum { MOST_DOMAIN = 254, MOST_MAILBOX = 64 };

// What ends or begins something else in a header or in an SMTP command has no place in an address of ours.
static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte <= ' ' || byte == 0x7f || strchr("<>()[],;:\\\"@", byte) != NULL)
			return false;
	}
	return length > 0;
}

static char *domain_wire(struct arena *arena, const char *domain)
{
	UErrorCode error = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	char ascii[MOST_DOMAIN + 1];
	UIDNA *names = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &error);
	int32_t length = uidna_nameToASCII_UTF8(names, domain, -1, ascii, sizeof ascii, &info, &error);
	uidna_close(names);
	if (U_FAILURE(error) || info.errors != 0 || length <= 0 || length >= (int32_t)sizeof ascii || !is_plain(ascii, (size_t)length))
		return NULL;
	return arena_slice(arena, ascii, (size_t)length);
}

char *mail_address_wire(struct arena *arena, const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL || at - address > MOST_MAILBOX || !is_plain(address, (size_t)(at - address)))
		return NULL;
	char *domain = domain_wire(arena, at + 1);
	return domain ? arena_print(arena, "%.*s@%s", (int)(at - address), address, domain) : NULL;
}

// Of `ascii`, what people read.
static char *domain_shown(struct arena *arena, const char *ascii)
{
	enum { ROOM = 4 * MOST_DOMAIN };
	UErrorCode error = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	char shown[ROOM];
	UIDNA *names = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_UNICODE, &error);
	int32_t length = uidna_nameToUnicodeUTF8(names, ascii, -1, shown, sizeof shown, &info, &error);
	uidna_close(names);
	return U_FAILURE(error) || info.errors != 0 || length <= 0 || length >= ROOM ? NULL : arena_slice(arena, shown, (size_t)length);
}

char *mail_address_shown(struct arena *arena, const char *address)
{
	const char *wire = mail_address_wire(arena, address), *at = wire ? strrchr(wire, '@') : NULL;
	const char *domain = at ? domain_shown(arena, at + 1) : NULL;
	return domain ? arena_print(arena, "%.*s@%s", (int)(at - wire), wire, domain) : NULL;
}

static char *trimmed(struct arena *arena, const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char)*text))
		text++, length--;
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	if (length > 1 && text[0] == '"' && text[length - 1] == '"')
		text++, length -= 2;
	return arena_slice(arena, text, length);
}

bool mail_address_read(struct mail_address *address, const char *text, struct arena *arena)
{
	const char *open = strrchr(text, '<'), *close = open ? strchr(open, '>') : NULL;
	*address = (struct mail_address){0};
	if (open != NULL && close == NULL)
		return false;
	if (open != NULL) {
		char *name = trimmed(arena, text, (size_t)(open - text));
		address->name = *name ? name : NULL;
		address->address = trimmed(arena, open + 1, (size_t)(close - open - 1));
	} else {
		address->address = trimmed(arena, text, strlen(text));
	}
	return mail_address_wire(arena, address->address) != NULL;
}
