// secret_test.c: what the key made opens, and nothing else does.
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

static const char invitation[] = "0193f1c2-7d5e-7abc-8def-0123456789ab";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static struct arena *arena;
static struct secret_key key, other_key;

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	memset(key.bytes, 7, sizeof key.bytes);
	memset(other_key.bytes, 8, sizeof other_key.bytes);
	return secret_start() ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void links_open(void **state)
{
	(void)state;
	char id[37];
	unsigned version = 0;
	char *link = secret_link(arena, &key, "kzm", invitation, 513);
	assert_int_equal(strlen(link), 46);
	assert_int_equal(strspn(link, alphabet), 46);
	assert_true(secret_link_open(&key, "kzm", link, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(version, 513);
	assert_false(secret_link_open(&key, "kzn", link, id, &version));
	assert_false(secret_link_open(&other_key, "kzm", link, id, &version));
	assert_false(secret_link_open(&key, "kzm", "", id, &version));
	assert_false(secret_link_open(&key, "kzm", arena_print(arena, "%s=", link), id, &version));
	assert_false(secret_link_open(&key, "kzm", arena_print(arena, "%sA", link), id, &version));
	assert_false(secret_link_open(&key, "kzm", arena_slice(arena, link, 45), id, &version));
	assert_string_not_equal(link, secret_link(arena, &key, "kzm", invitation, 514));
}

// A registration's link has the form of an invitation's, but neither passes for the other.
static void registrations_have_links_of_their_own(void **state)
{
	(void)state;
	char id[37];
	unsigned version = 0;
	char *link = secret_registration(arena, &key, "kzm", invitation, 7);
	assert_true(secret_registration_open(&key, "kzm", link, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(version, 7);
	assert_false(secret_registration_open(&other_key, "kzm", link, id, &version));
	assert_false(secret_link_open(&key, "kzm", link, id, &version));
	assert_false(secret_registration_open(&key, "kzm", secret_link(arena, &key, "kzm", invitation, 7), id, &version));
}

// And so has a calendar.
static void feeds_have_links_of_their_own(void **state)
{
	(void)state;
	char id[37];
	unsigned version = 0;
	char *link = secret_feed(arena, &key, "kzm", invitation, 7);
	assert_true(secret_feed_open(&key, "kzm", link, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(version, 7);
	assert_false(secret_feed_open(&other_key, "kzm", link, id, &version));
	assert_false(secret_feed_open(&key, "goz", link, id, &version));
	assert_false(secret_link_open(&key, "kzm", link, id, &version));
	assert_false(secret_feed_open(&key, "kzm", secret_link(arena, &key, "kzm", invitation, 7), id, &version));

	char *ticket = secret_ticket(arena, &key, "kzm", invitation, 7);
	assert_true(secret_ticket_open(&key, "kzm", ticket, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(version, 7);
	assert_false(secret_ticket_open(&other_key, "kzm", ticket, id, &version));
	assert_false(secret_ticket_open(&key, "goz", ticket, id, &version));
	assert_false(secret_ticket_open(&key, "kzm", secret_link(arena, &key, "kzm", invitation, 7), id, &version));
	assert_false(secret_link_open(&key, "kzm", ticket, id, &version));
}

// No other character in any place opens: that covers every bit, and the bits base64 leaves unused.
static void no_changed_link_opens(void **state)
{
	(void)state;
	char id[37], *link = secret_link(arena, &key, "kzm", invitation, 1);
	unsigned version;
	for (size_t at = 0; link[at]; at++) {
		char kept = link[at];
		for (int byte = 1; byte < 256; byte++) {
			link[at] = (char)byte;
			if (link[at] != kept)
				assert_false(secret_link_open(&key, "kzm", link, id, &version));
		}
		link[at] = kept;
	}
	assert_true(secret_link_open(&key, "kzm", link, id, &version));
}

static void forms_expire(void **state)
{
	(void)state;
	int64_t now = 1764000000, hour = 3600;
	char *form = secret_form(arena, &key, "link", now);
	assert_int_equal(strlen(form), 27);
	assert_true(secret_form_check(&key, "link", form, now));
	assert_true(secret_form_check(&key, "link", form, now + 23 * hour));
	assert_true(secret_form_check(&key, "link", form, now + 24 * hour));
	assert_false(secret_form_check(&key, "link", form, now + 25 * hour));
	assert_false(secret_form_check(&key, "link", form, now - hour));
	assert_false(secret_form_check(&key, "another", form, now));
	assert_false(secret_form_check(&other_key, "link", form, now));
	for (size_t at = 0; form[at]; at++) {
		char kept = form[at];
		form[at] = kept == 'A' ? 'B' : 'A';
		assert_false(secret_form_check(&key, "link", form, now));
		form[at] = kept;
	}
}

static void tokens_differ_and_hash(void **state)
{
	(void)state;
	char *one = secret_token(arena, "nt_"), *two = secret_token(arena, "nt_");
	assert_int_equal(strlen(one), 3 + 43);
	assert_memory_equal(one, "nt_", 3);
	assert_string_not_equal(one, two);
	// BLAKE2b-256 of "abc", from the reference implementation.
	assert_string_equal(secret_hash(arena, "abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	assert_int_equal(strlen(secret_digest(arena, "abc", 3)), 32);
	assert_string_not_equal(secret_digest(arena, "abc", 3), secret_digest(arena, "abd", 3));
	assert_int_equal(strlen(secret_digest(arena, NULL, 0)), 32);
}

static void derived_tokens_need_the_key(void **state)
{
	(void)state;
	char *derived = secret_derive(arena, &key, "ns_", "token");
	assert_int_equal(strlen(derived), 3 + 43);
	assert_string_equal(derived, secret_derive(arena, &key, "ns_", "token"));
	assert_string_not_equal(derived, secret_derive(arena, &other_key, "ns_", "token"));
	assert_string_not_equal(derived, secret_derive(arena, &key, "ns_", "tokem"));
	// The prefix is part of what is derived from, not only put before it.
	assert_string_not_equal(derived + 3, secret_derive(arena, &key, "nx_", "token") + 3);
}

static void keeps_its_key_in_a_file(void **state)
{
	(void)state;
	char folder[] = "/tmp/narada-secret-XXXXXX";
	const char *why = NULL;
	struct stat status;
	struct secret_key made, again;
	assert_non_null(mkdtemp(folder));
	char *path = arena_print(arena, "%s/key", folder);
	assert_true(secret_key_open(&made, path, arena, &why));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_nlink, 1);
	assert_true(secret_key_open(&again, path, arena, &why));
	assert_memory_equal(made.bytes, again.bytes, SECRET_KEY_BYTES);
	chmod(path, 0640);
	assert_false(secret_key_open(&again, path, arena, &why));
	assert_non_null(strstr(why, "chmod 600"));
	chmod(path, 0600);
	assert_int_equal(truncate(path, 31), 0);
	assert_false(secret_key_open(&again, path, arena, &why));
	assert_int_equal(truncate(path, 33), 0);
	assert_false(secret_key_open(&again, path, arena, &why));
	unlink(path);
	rmdir(folder);
	assert_false(secret_key_open(&again, path, arena, &why));
	assert_non_null(strstr(why, "No such file"));
}

static void mailboxes_open_in_any_case(void **state)
{
	(void)state;
	char id[37];
	enum secret_mailbox purpose;
	unsigned version;
	char *reply = secret_mailbox_address(arena, &key, "rsvp@narada.example.org", SECRET_REPLY, invitation, 1);
	char *bounce = secret_mailbox_address(arena, &key, "rsvp@narada.example.org", SECRET_BOUNCE, invitation, 1);
	assert_int_equal(strcspn(reply, "@"), 5 + SECRET_MAILBOX_TEXT);
	assert_memory_equal(reply, "rsvp+r", 6);
	assert_memory_equal(bounce, "rsvp+b", 6);
	assert_string_equal(strchr(reply, '@'), "@narada.example.org");
	assert_int_equal(strspn(reply + 5, "abcdefghijklmnopqrstuvwxyz234567"), SECRET_MAILBOX_TEXT);
	assert_true(secret_mailbox_open(&key, reply, &purpose, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(purpose, SECRET_REPLY);
	assert_true(secret_mailbox_open(&key, bounce, &purpose, id, &version));
	assert_int_equal(purpose, SECRET_BOUNCE);
	for (char *at = reply; *at; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
	assert_true(secret_mailbox_open(&key, reply, &purpose, id, &version));
	assert_string_equal(id, invitation);
	assert_true(secret_mailbox_open(&key, reply + 5, &purpose, id, &version));
	assert_false(secret_mailbox_open(&key, reply + 6, &purpose, id, &version));
	assert_false(secret_mailbox_open(&key, arena_print(arena, "x%s", reply + 5), &purpose, id, &version));
	assert_false(secret_mailbox_open(&other_key, reply, &purpose, id, &version));
	assert_false(secret_mailbox_open(&key, "rsvp@narada.example.org", &purpose, id, &version));
	assert_false(secret_mailbox_open(&key, "", &purpose, id, &version));
	// A replaced link has another address, of which the version is told.
	char *second = secret_mailbox_address(arena, &key, "rsvp@narada.example.org", SECRET_REPLY, invitation, 2);
	assert_string_not_equal(second, reply);
	assert_true(secret_mailbox_open(&key, reply, &purpose, id, &version));
	assert_int_equal(version, 1);
	assert_true(secret_mailbox_open(&key, second, &purpose, id, &version));
	assert_int_equal(version, 2);
	assert_true(secret_mailbox_open(
	    &key, secret_mailbox_address(arena, &key, "rsvp@narada.example.org", SECRET_REPLY, invitation, 258), &purpose, id, &version));
	assert_int_equal(version, 2);
	assert_null(secret_mailbox_address(arena, &key, NULL, SECRET_REPLY, invitation, 1));
}

static void tickets_have_links_and_codes_of_their_own(void **state)
{
	char id[37];
	unsigned version = 0;
	char *ticket = secret_ticket(arena, &key, "klaster", invitation, 3);
	assert_true(secret_ticket_open(&key, "klaster", ticket, id, &version));
	assert_string_equal(id, invitation);
	assert_int_equal(version, 3);
	assert_false(secret_link_open(&key, "klaster", ticket, id, &version));
	assert_false(secret_kiosk_open(&key, "klaster", ticket, id, &version));
	assert_false(secret_ticket_open(&key, "inny", ticket, id, &version));
	assert_string_equal(secret_ticket_key(arena, "abc"), "ba7816bf8f01cfea"); // FIPS 180-2, B.1
	char *code = secret_ticket_code(arena, &key, arena_print(arena, "%s.3", invitation));
	assert_int_equal(strlen(code), 8);
	assert_int_equal(strspn(code, "0123456789abcdef"), 8);
	assert_string_not_equal(code, secret_ticket_code(arena, &key, arena_print(arena, "%s.4", invitation)));
	assert_string_not_equal(code, secret_ticket_code(arena, &other_key, arena_print(arena, "%s.3", invitation)));
	char *kiosk = secret_kiosk(arena, &key, "klaster", invitation, 1);
	assert_true(secret_kiosk_open(&key, "klaster", kiosk, id, &version));
	assert_false(secret_ticket_open(&key, "klaster", kiosk, id, &version));
	(void)state;
}

static void rooms_have_a_salt_for_each_step(void **state)
{
	char *salt = secret_room_salt(arena, &key, 59000000);
	assert_int_equal(strlen(salt), 64);
	assert_string_equal(salt, secret_room_salt(arena, &key, 59000000));
	assert_string_not_equal(salt, secret_room_salt(arena, &key, 59000001));
	assert_string_not_equal(salt, secret_room_salt(arena, &other_key, 59000000));
	assert_string_not_equal(salt, secret_ticket_salt(arena, &key));
	(void)state;
}

// Also what the purposes are told apart by: an answer's address is no bounce's with another letter.
static void no_changed_mailbox_opens(void **state)
{
	(void)state;
	char id[37], *token = secret_mailbox_make(arena, &key, SECRET_REPLY, invitation, 1);
	enum secret_mailbox purpose;
	unsigned version;
	for (size_t at = 0; token[at]; at++) {
		char kept = token[at];
		for (int byte = 1; byte < 256; byte++) {
			token[at] = (char)byte;
			if (token[at] != kept && byte != kept - 'a' + 'A')
				assert_false(secret_mailbox_open(&key, token, &purpose, id, &version));
		}
		token[at] = kept;
	}
	assert_true(secret_mailbox_open(&key, token, &purpose, id, &version));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_open),
	    cmocka_unit_test(registrations_have_links_of_their_own),
	    cmocka_unit_test(feeds_have_links_of_their_own),
	    cmocka_unit_test(tickets_have_links_and_codes_of_their_own),
	    cmocka_unit_test(rooms_have_a_salt_for_each_step),
	    cmocka_unit_test(no_changed_link_opens),
	    cmocka_unit_test(forms_expire),
	    cmocka_unit_test(tokens_differ_and_hash),
	    cmocka_unit_test(derived_tokens_need_the_key),
	    cmocka_unit_test(mailboxes_open_in_any_case),
	    cmocka_unit_test(no_changed_mailbox_opens),
	    cmocka_unit_test(keeps_its_key_in_a_file),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
