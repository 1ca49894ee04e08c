// secret.c: what only the holder of the server's key can make, and what the database may know of it.
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/drop.h"

enum {
	ID_BYTES = 16,
	VERSION_BYTES = 2,
	MAC_BYTES = 16,
	LINK_BYTES = ID_BYTES + VERSION_BYTES + MAC_BYTES,
	LINK_TEXT = 46, // base64url of LINK_BYTES without padding
	HOUR_BYTES = 4,
	FORM_BYTES = HOUR_BYTES + MAC_BYTES,
	FORM_TEXT = 27,
	FORM_HOURS = 24,
	TOKEN_BYTES = 32,
	TOKEN_TEXT = 43,
	MAILBOX_MAC_BYTES = 14,
	MAILBOX_BYTES = ID_BYTES + MAILBOX_MAC_BYTES, // a multiple of five: base32 without padding or stray bits
	UNSUBSCRIBE_TEXT = 40,                        // base64url of as many bytes
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

// Each use has its own key, so that no token of one kind can pass for another's.
enum purpose {
	PURPOSE_LINK = 1,
	PURPOSE_FORM,
	PURPOSE_DERIVE,
	PURPOSE_REGISTRATION,
	PURPOSE_MAILBOX,
	PURPOSE_FEED,
	PURPOSE_UNSUBSCRIBE,
	PURPOSE_TICKET,
	PURPOSE_TICKET_CODE,
	PURPOSE_ROOM,
	PURPOSE_KIOSK,
	PURPOSE_CERTIFICATE,
};

bool secret_start(void)
{
	return sodium_init() >= 0;
}

static bool say(struct arena *arena, const char **why, const char *what, const char *path)
{
	*why = arena_print(arena, "The key file %s %s: %s.", path, what, strerror(errno));
	return false;
}

static bool key_read(struct secret_key *key, int file, const char *path, struct arena *arena, const char **why)
{
	struct stat status;
	if (fstat(file, &status) != 0)
		return say(arena, why, "can't be read", path);
	if (status.st_mode & (S_IRWXG | S_IRWXO)) {
		*why = arena_print(arena, "The key file %s can be read by others: chmod 600 it.", path);
		return false;
	}
	unsigned char bytes[SECRET_KEY_BYTES + 1];
	if (read(file, bytes, sizeof bytes) != SECRET_KEY_BYTES) {
		*why = arena_print(arena, "The key file %s must hold exactly %d bytes.", path, SECRET_KEY_BYTES);
		return false;
	}
	memcpy(key->bytes, bytes, sizeof key->bytes);
	sodium_memzero(bytes, sizeof bytes);
	return true;
}

// Written aside and linked into place: whoever comes second, or after a crash, sees a whole file or none.
static bool key_make(const char *path, struct arena *arena, const char **why)
{
	char *aside = arena_print(arena, "%s.%d", path, (int)getpid());
	unsigned char bytes[SECRET_KEY_BYTES];
	DROP_FD int file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (file < 0)
		return say(arena, why, "can't be made", path);
	randombytes_buf(bytes, sizeof bytes);
	bool written = write(file, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(file) == 0;
	sodium_memzero(bytes, sizeof bytes);
	written = written && (link(aside, path) == 0 || errno == EEXIST);
	if (!written)
		say(arena, why, "can't be written", path);
	unlink(aside);
	return written;
}

bool secret_key_open(struct secret_key *key, const char *path, struct arena *arena, const char **why)
{
	DROP_FD int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 && errno == ENOENT) {
		if (!key_make(path, arena, why))
			return false;
		file = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (file < 0)
		return say(arena, why, "can't be opened", path);
	return key_read(key, file, path, arena, why);
}

static char *base64(struct arena *arena, const char *prefix, const unsigned char *bytes, size_t length)
{
	size_t before = strlen(prefix), room = sodium_base64_ENCODED_LEN(length, BASE64);
	char *text = arena_alloc(arena, before + room);
	memcpy(text, prefix, before); // NOLINT(bugprone-not-null-terminated-result): the base64 that follows has the NUL
	sodium_bin2base64(text + before, room, bytes, length, BASE64);
	return text;
}

// True only for the one way to write exactly `length` bytes: no other characters, no stray bits.
static bool unbase64(const char *text, size_t text_length, unsigned char *bytes, size_t length)
{
	size_t read = 0;
	return strlen(text) == text_length && sodium_base642bin(bytes, length, text, text_length, NULL, &read, NULL, BASE64) == 0 &&
	       read == length;
}

static char *hex(struct arena *arena, const unsigned char *bytes, size_t length)
{
	char *text = arena_alloc(arena, length * 2 + 1);
	return sodium_bin2hex(text, length * 2 + 1, bytes, length);
}

char *secret_token(struct arena *arena, const char *prefix)
{
	unsigned char bytes[TOKEN_BYTES];
	randombytes_buf(bytes, sizeof bytes);
	return base64(arena, prefix, bytes, sizeof bytes);
}

char *secret_hash(struct arena *arena, const char *token)
{
	unsigned char hash[32];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)token, strlen(token), NULL, 0);
	return hex(arena, hash, sizeof hash);
}

char *secret_digest(struct arena *arena, const void *bytes, size_t length)
{
	unsigned char hash[16];
	crypto_generichash(hash, sizeof hash, bytes, length, NULL, 0);
	return hex(arena, hash, sizeof hash);
}

// A keyed BLAKE2b over two parts; the first has a fixed length, or one that is said before it.
static void keyed(unsigned char *mac, size_t mac_length, const struct secret_key *key, enum purpose purpose, const void *first,
    size_t first_length, const char *second)
{
	unsigned char own[SECRET_KEY_BYTES];
	crypto_generichash_state state;
	crypto_kdf_derive_from_key(own, sizeof own, purpose, "narada__", key->bytes);
	crypto_generichash_init(&state, own, sizeof own, mac_length);
	crypto_generichash_update(&state, first, first_length);
	crypto_generichash_update(&state, (const unsigned char *)second, strlen(second));
	crypto_generichash_final(&state, mac, mac_length);
	sodium_memzero(own, sizeof own);
}

char *secret_derive(struct arena *arena, const struct secret_key *key, const char *prefix, const char *token)
{
	unsigned char bytes[TOKEN_BYTES];
	// The prefix's own NUL ends the first part.
	keyed(bytes, sizeof bytes, key, PURPOSE_DERIVE, prefix, strlen(prefix) + 1, token);
	return base64(arena, prefix, bytes, sizeof bytes);
}

static bool uuid_read(unsigned char bytes[ID_BYTES], const char *text)
{
	size_t length = 0;
	return strlen(text) == 36 && sodium_hex2bin(bytes, ID_BYTES, text, 36, "-", &length, NULL) == 0 && length == ID_BYTES;
}

static void uuid_write(char text[37], const unsigned char bytes[ID_BYTES])
{
	static const unsigned char dash_before[ID_BYTES] = {[4] = 1, [6] = 1, [8] = 1, [10] = 1};
	for (int i = 0; i < ID_BYTES; i++) {
		if (dash_before[i])
			*text++ = '-';
		*text++ = "0123456789abcdef"[bytes[i] >> 4];
		*text++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*text = '\0';
}

static char *link_make(
    struct arena *arena, const struct secret_key *key, enum purpose purpose, const char *platform, const char *id, unsigned version)
{
	unsigned char bytes[LINK_BYTES];
	bool is_uuid = uuid_read(bytes, id);
	assert(is_uuid);
	(void)is_uuid;
	// A version that does not fit makes a link that the database refuses as revoked, never one that works.
	bytes[ID_BYTES] = (unsigned char)(version >> 8);
	bytes[ID_BYTES + 1] = (unsigned char)version;
	keyed(bytes + ID_BYTES + VERSION_BYTES, MAC_BYTES, key, purpose, bytes, ID_BYTES + VERSION_BYTES, platform);
	return base64(arena, "", bytes, sizeof bytes);
}

static bool link_open(
    const struct secret_key *key, enum purpose purpose, const char *platform, const char *token, char id[37], unsigned *version)
{
	unsigned char bytes[LINK_BYTES], mac[MAC_BYTES];
	if (!unbase64(token, LINK_TEXT, bytes, sizeof bytes))
		return false;
	keyed(mac, sizeof mac, key, purpose, bytes, ID_BYTES + VERSION_BYTES, platform);
	if (sodium_memcmp(mac, bytes + ID_BYTES + VERSION_BYTES, MAC_BYTES) != 0)
		return false;
	uuid_write(id, bytes);
	*version = (unsigned)bytes[ID_BYTES] << 8 | bytes[ID_BYTES + 1];
	return true;
}

char *secret_link(struct arena *arena, const struct secret_key *key, const char *platform, const char *invitation_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_LINK, platform, invitation_id, version);
}

bool secret_link_open(const struct secret_key *key, const char *platform, const char *token, char invitation_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_LINK, platform, token, invitation_id, version);
}

char *secret_registration(
    struct arena *arena, const struct secret_key *key, const char *platform, const char *registration_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_REGISTRATION, platform, registration_id, version);
}

bool secret_registration_open(
    const struct secret_key *key, const char *platform, const char *token, char registration_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_REGISTRATION, platform, token, registration_id, version);
}

char *secret_feed(struct arena *arena, const struct secret_key *key, const char *platform, const char *feed_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_FEED, platform, feed_id, version);
}

bool secret_feed_open(const struct secret_key *key, const char *platform, const char *token, char feed_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_FEED, platform, token, feed_id, version);
}

char *secret_ticket(struct arena *arena, const struct secret_key *key, const char *platform, const char *invitation_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_TICKET, platform, invitation_id, version);
}

bool secret_ticket_open(const struct secret_key *key, const char *platform, const char *token, char invitation_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_TICKET, platform, token, invitation_id, version);
}

// The first digits of a SHA-256 in hex, for which browsers and the database have functions too.
static char *digits(struct arena *arena, const char *text, size_t count)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	return hex(arena, hash, count / 2);
}

char *secret_ticket_key(struct arena *arena, const char *token)
{
	return digits(arena, token, 16);
}

static char *salt(struct arena *arena, const struct secret_key *key, enum purpose purpose, const char *of)
{
	unsigned char bytes[SECRET_KEY_BYTES];
	keyed(bytes, sizeof bytes, key, purpose, "", 1, of);
	return hex(arena, bytes, sizeof bytes);
}

char *secret_ticket_salt(struct arena *arena, const struct secret_key *key)
{
	return salt(arena, key, PURPOSE_TICKET_CODE, "");
}

char *secret_ticket_code(struct arena *arena, const struct secret_key *key, const char *ticket)
{
	return digits(arena, arena_print(arena, "%s%s", secret_ticket_salt(arena, key), ticket), 8);
}

char *secret_room_salt(struct arena *arena, const struct secret_key *key, int64_t step)
{
	return salt(arena, key, PURPOSE_ROOM, arena_print(arena, "%lld", (long long)step));
}

char *secret_kiosk(struct arena *arena, const struct secret_key *key, const char *platform, const char *kiosk_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_KIOSK, platform, kiosk_id, version);
}

bool secret_kiosk_open(const struct secret_key *key, const char *platform, const char *token, char kiosk_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_KIOSK, platform, token, kiosk_id, version);
}

char *secret_certificate(
    struct arena *arena, const struct secret_key *key, const char *platform, const char *attendance_id, unsigned version)
{
	return link_make(arena, key, PURPOSE_CERTIFICATE, platform, attendance_id, version);
}

bool secret_certificate_open(
    const struct secret_key *key, const char *platform, const char *token, char attendance_id[37], unsigned *version)
{
	return link_open(key, PURPOSE_CERTIFICATE, platform, token, attendance_id, version);
}

// Short, since mail programs fold long lines: the id and a MAC, 40 characters.
char *secret_unsubscribe(struct arena *arena, const struct secret_key *key, const char *platform, const char *person_id)
{
	unsigned char bytes[MAILBOX_BYTES];
	bool is_uuid = uuid_read(bytes, person_id);
	assert(is_uuid);
	(void)is_uuid;
	keyed(bytes + ID_BYTES, MAILBOX_MAC_BYTES, key, PURPOSE_UNSUBSCRIBE, bytes, ID_BYTES, platform);
	return base64(arena, "", bytes, sizeof bytes);
}

bool secret_unsubscribe_open(const struct secret_key *key, const char *platform, const char *token, char person_id[37])
{
	unsigned char bytes[MAILBOX_BYTES], mac[MAILBOX_MAC_BYTES];
	if (!unbase64(token, UNSUBSCRIBE_TEXT, bytes, sizeof bytes))
		return false;
	keyed(mac, sizeof mac, key, PURPOSE_UNSUBSCRIBE, bytes, ID_BYTES, platform);
	if (sodium_memcmp(mac, bytes + ID_BYTES, sizeof mac) != 0)
		return false;
	uuid_write(person_id, bytes);
	return true;
}

static int64_t hour_of(int64_t now)
{
	return now / 3600;
}

char *secret_form(struct arena *arena, const struct secret_key *key, const char *link, int64_t now)
{
	unsigned char bytes[FORM_BYTES];
	uint32_t hour = (uint32_t)hour_of(now);
	for (int i = 0; i < HOUR_BYTES; i++)
		bytes[i] = (unsigned char)(hour >> (24 - 8 * i));
	keyed(bytes + HOUR_BYTES, MAC_BYTES, key, PURPOSE_FORM, bytes, HOUR_BYTES, link);
	return base64(arena, "", bytes, sizeof bytes);
}

bool secret_form_check(const struct secret_key *key, const char *link, const char *form, int64_t now)
{
	unsigned char bytes[FORM_BYTES], mac[MAC_BYTES];
	if (!unbase64(form, FORM_TEXT, bytes, sizeof bytes))
		return false;
	keyed(mac, sizeof mac, key, PURPOSE_FORM, bytes, HOUR_BYTES, link);
	if (sodium_memcmp(mac, bytes + HOUR_BYTES, MAC_BYTES) != 0)
		return false;
	int64_t hour = 0;
	for (int i = 0; i < HOUR_BYTES; i++)
		hour = hour << 8 | bytes[i];
	int64_t age = hour_of(now) - hour;
	return age >= 0 && age <= FORM_HOURS;
}

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

static void base32_write(char *text, const unsigned char *bytes, size_t length)
{
	unsigned held = 0;
	int bits = 0;
	for (size_t i = 0; i < length; i++) {
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*text++ = base32[held >> (bits - 5) & 31];
	}
	*text = '\0';
}

// As many characters as `length` bytes need, in either case.
static bool base32_read(unsigned char *bytes, size_t length, const char *text)
{
	unsigned held = 0;
	int bits = 0;
	for (const unsigned char *end = bytes + length; bytes < end; text++) {
		const char *found = *text ? strchr(base32, *text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text) : NULL;
		if (found == NULL)
			return false;
		held = held << 5 | (unsigned)(found - base32);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*bytes++ = (unsigned char)(held >> bits);
		}
	}
	return true;
}

// The version is not in the address, which has no room for it, but in the code alone.
static void mailbox_mac(
    unsigned char mac[MAILBOX_MAC_BYTES], const struct secret_key *key, int purpose, unsigned version, const unsigned char id[ID_BYTES])
{
	char what[24];
	(void)snprintf(what, sizeof what, version > 1 ? "%s %u" : "%s", purpose == SECRET_REPLY ? "reply" : "bounce", version);
	keyed(mac, MAILBOX_MAC_BYTES, key, PURPOSE_MAILBOX, id, ID_BYTES, what);
}

static unsigned mailbox_version(unsigned version)
{
	return version == 0 ? 1 : (version - 1) % SECRET_MAILBOX_VERSIONS + 1;
}

char *secret_mailbox_make(struct arena *arena, const struct secret_key *key, enum secret_mailbox purpose, const char *id, unsigned version)
{
	unsigned char bytes[MAILBOX_BYTES];
	char *token = arena_alloc(arena, SECRET_MAILBOX_TEXT + 1);
	bool is_uuid = uuid_read(bytes, id);
	assert(is_uuid);
	(void)is_uuid;
	mailbox_mac(bytes + ID_BYTES, key, purpose, mailbox_version(version), bytes);
	*token = (char)purpose;
	base32_write(token + 1, bytes, sizeof bytes);
	return token;
}

bool secret_mailbox_open(const struct secret_key *key, const char *address, enum secret_mailbox *purpose, char id[37], unsigned *version)
{
	unsigned char bytes[MAILBOX_BYTES], mac[MAILBOX_MAC_BYTES];
	size_t local = strcspn(address, "@");
	if (local < SECRET_MAILBOX_TEXT)
		return false;
	const char *token = address + local - SECRET_MAILBOX_TEXT;
	int letter = *token | ('a' ^ 'A');
	if ((token != address && token[-1] != '+') || (letter != SECRET_REPLY && letter != SECRET_BOUNCE) ||
	    !base32_read(bytes, sizeof bytes, token + 1))
		return false;
	unsigned tried = 0, most = letter == SECRET_REPLY ? SECRET_MAILBOX_VERSIONS : 1;
	do {
		if (++tried > most)
			return false;
		mailbox_mac(mac, key, letter, tried, bytes);
	} while (sodium_memcmp(mac, bytes + ID_BYTES, sizeof mac) != 0);
	*version = tried;
	uuid_write(id, bytes);
	*purpose = (enum secret_mailbox)letter;
	return true;
}

char *secret_mailbox_address(
    struct arena *arena, const struct secret_key *key, const char *inbox, enum secret_mailbox purpose, const char *id, unsigned version)
{
	if (inbox == NULL)
		return NULL;
	int local = (int)strcspn(inbox, "@");
	return arena_print(arena, "%.*s+%s%s", local, inbox, secret_mailbox_make(arena, key, purpose, id, version), inbox + local);
}
