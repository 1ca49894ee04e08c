// incoming_test.c: what mail programs and mail systems send, as they write it, and what nobody should.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/drop.h"
#include "mail/incoming.h"
#include "mail/mail.h"

static const char id[] = "0193f1c2-7d5e-7abc-8def-0123456789ab";
static const char uid[] = "meeting-1@narada.example.org";
static struct arena *arena;
static struct secret_key key;
static struct incoming got;

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	memset(key.bytes, 7, sizeof key.bytes);
	mail_start();
	return secret_start() ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

// samples/<name>.eml with @TO@, @UID@ and @EMAIL@ filled in.
static char *sample(const char *name, enum secret_mailbox purpose)
{
	const struct {
		const char *name, *value;
	} marks[] = {{"@TO@", secret_mailbox_address(arena, &key, "rsvp@narada.example.org", purpose, id, 1)}, {"@UID@", uid},
	    {"@EMAIL@", "anna@example.org"}};
	DROP_FILE FILE *file = fopen(arena_print(arena, "%s/%s.eml", getenv("SAMPLES"), name), "r");
	static char text[64 * 1024];
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	struct buffer out;
	buffer_init(&out, arena);
	for (const char *at = text; *at != '\0';) {
		size_t i = 0;
		while (i < 3 && strncmp(at, marks[i].name, strlen(marks[i].name)) != 0)
			i++;
		buffer_print(&out, i < 3 ? "%s" : "%.1s", i < 3 ? marks[i].value : at);
		at += i < 3 ? strlen(marks[i].name) : 1;
	}
	return out.data;
}

static void read_text(const char *text)
{
	incoming_read(&got, text, strlen(text), NULL, &key, arena);
}

static void read_sample(const char *name, enum secret_mailbox purpose)
{
	read_text(sample(name, purpose));
	assert_true(got.addressed);
	assert_int_equal(got.purpose, purpose);
	assert_string_equal(got.id, id);
}

static void answers_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *name, *partstat, *dtstamp, *comment;
		long sequence;
		bool automatic;
	} cases[] = {
	    {"outlook", "ACCEPTED", "2026-11-24T10:15:00Z", "Przyjadę pociągiem, będę o 9.\nDo zobaczenia", 2, false},
	    {"outlook_com", "DECLINED", "2026-11-24T10:20:00Z", NULL, 0, false},
	    {"gmail", "TENTATIVE", "2026-11-24T10:30:00Z", NULL, 1, true},
	    {"apple", "ACCEPTED", "2026-11-24T10:00:00Z", NULL, 1, false},
	    {"thunderbird", "ACCEPTED", "2026-11-24T11:00:00Z", "Dojadę", 1, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		read_sample(cases[i].name, SECRET_REPLY);
		assert_int_equal(got.kind, INCOMING_REPLY);
		assert_null(got.trouble);
		assert_string_equal(got.event.uid, uid);
		assert_string_equal(got.event.attendee, "anna@example.org");
		assert_string_equal(got.event.partstat, cases[i].partstat);
		assert_string_equal(got.event.dtstamp, cases[i].dtstamp);
		assert_int_equal(got.event.sequence, cases[i].sequence);
		assert_int_equal(got.automatic, cases[i].automatic);
		if (cases[i].comment != NULL)
			assert_string_equal(got.event.comment, cases[i].comment);
		else
			assert_null(got.event.comment);
	}
	read_sample("outlook", SECRET_REPLY);
	assert_string_equal(got.excerpt, "Przyjadę pociągiem, będę o 9.");
	assert_string_equal(got.from, "anna@example.org");
	assert_string_equal(got.subject, "Zaakceptowano: Posiedzenie");
	read_sample("outlook_com", SECRET_REPLY);
	assert_null(got.event.organizer);
}

static void substitutes_and_proposals_are_read(void **state)
{
	(void)state;
	read_sample("delegated", SECRET_REPLY);
	assert_int_equal(got.kind, INCOMING_REPLY);
	assert_string_equal(got.event.partstat, "DELEGATED");
	assert_string_equal(got.event.attendee, "anna@example.org");
	assert_string_equal(got.event.delegate, "ewa@example.org");
	assert_string_equal(got.event.delegate_name, "Ewa Lis");
	read_sample("exchange_counter", SECRET_REPLY);
	assert_int_equal(got.kind, INCOMING_COUNTER);
	assert_string_equal(got.event.starts_at, "2027-07-14T12:00:00Z"); // summer time in Warsaw, whatever the zone that came along says
	assert_string_equal(got.event.ends_at, "2027-07-14T14:00:00Z");
	assert_string_equal(
	    got.event.proposed, "2027-07-14 14:00 Central European Standard Time – 2027-07-14 16:00 Central European Standard Time");
	assert_string_equal(got.event.comment, "Tylko po południu.");
	read_sample("google_counter", SECRET_REPLY);
	assert_string_equal(got.event.attendee, "anna@example.org");
	assert_string_equal(got.event.starts_at, "2027-01-15T09:00:00Z");
}

static void bounces_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *name, *action, *status, *diagnostic;
	} cases[] = {
	    {"dsn_postfix", "failed", "5.1.1",
	        "550 5.1.1 <anna@example.org>: Recipient address     rejected: User unknown in virtual mailbox table"},
	    {"dsn_exim", "failed", "5.0.0", "550 No such user here"},
	    {"dsn_exchange", "failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"},
	    {"dsn_gmail", "failed", "5.1.1", NULL},
	    {"dsn_full", "failed", "5.2.2", "552 5.2.2 Mailbox full"},
	    {"dsn_delayed", "delayed", "4.4.1", NULL},
	    {"bounce_text", "failed", "5.1.1", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		read_sample(cases[i].name, SECRET_BOUNCE);
		assert_int_equal(got.kind, INCOMING_BOUNCE);
		assert_true(got.automatic);
		assert_string_equal(got.bounce.action, cases[i].action);
		assert_string_equal(got.bounce.status, cases[i].status);
		if (cases[i].diagnostic != NULL)
			assert_string_equal(got.bounce.diagnostic, cases[i].diagnostic);
		if (strcmp(cases[i].name, "bounce_text") != 0)
			assert_string_equal(got.bounce.recipient, "anna@example.org");
	}
}

static void automatic_mail_is_recognised(void **state)
{
	(void)state;
	read_sample("out_of_office", SECRET_REPLY);
	assert_int_equal(got.kind, INCOMING_AUTOMATIC);
	read_sample("read_receipt", SECRET_REPLY);
	assert_int_equal(got.kind, INCOMING_AUTOMATIC);
	read_sample("person", SECRET_REPLY);
	assert_int_equal(got.kind, INCOMING_OTHER);
	assert_false(got.automatic);
	assert_string_equal(got.excerpt, "Dzień dobry, czy jest parking?");
	read_sample("person", SECRET_BOUNCE);
	assert_int_equal(got.kind, INCOMING_AUTOMATIC);
}

// The token may stand in the envelope alone, or in the calendar alone.
static void tokens_are_found(void **state)
{
	(void)state;
	const char *address = secret_mailbox_address(arena, &key, "rsvp@narada.example.org", SECRET_REPLY, id, 1);
	const char *plain = "From: a@example.org\nTo: rsvp@narada.example.org\nSubject: x\n\nText\n";
	incoming_read(&got, plain, strlen(plain), address, &key, arena);
	assert_true(got.addressed);
	read_text(plain);
	assert_false(got.addressed);
	read_text(arena_print(arena, "From: a@example.org\nDelivered-To: b@example.org\nDelivered-To: <%s>\n\nText\n", address));
	assert_true(got.addressed);
	read_text(arena_print(arena,
	    "From: a@example.org\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nORGANIZER:MAILTO:%s\n"
	    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n",
	    address));
	assert_int_equal(got.kind, INCOMING_REPLY);
	assert_true(got.addressed);
}

static const char *calendar(const char *lines)
{
	return arena_print(arena, "From: a@example.org\nContent-Type: text/calendar\n\n%s", lines);
}

static void zones_are_known(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *starts_at;
	} cases[] = {
	    {"Europe/Warsaw", "2027-07-14T12:00:00Z"},
	    {"/mozilla.org/20050126_1/Europe/Helsinki", "2027-07-14T11:00:00Z"},
	    {"FLE Standard Time", "2027-07-14T11:00:00Z"},
	    {"Central Europe Standard Time", "2027-07-14T12:00:00Z"},
	    {"Eastern Standard Time 1", "2027-07-14T18:00:00Z"},
	    {"Fixed", "2027-07-14T11:30:00Z"},
	    {"Customized Time Zone", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		read_text(calendar(arena_print(arena,
		    "BEGIN:VCALENDAR\nMETHOD:COUNTER\nBEGIN:VTIMEZONE\nTZID:Fixed\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETTO:+0230\nEND:"
		    "STANDARD\n"
		    "END:VTIMEZONE\nBEGIN:VEVENT\nATTENDEE:mailto:a@example.org\nUID:1\nDTSTART;TZID=%s:20270714T140000\nEND:VEVENT\nEND:"
		    "VCALENDAR\n",
		    cases[i].zone)));
		assert_int_equal(got.kind, INCOMING_COUNTER);
		if (cases[i].starts_at != NULL)
			assert_string_equal(got.event.starts_at, cases[i].starts_at);
		else
			assert_null(got.event.starts_at);
		assert_non_null(strstr(got.event.proposed, cases[i].zone));
	}
}

static void odd_answers_change_nothing(void **state)
{
	(void)state;
	read_text(calendar("BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=X-PERHAPS:mailto:a@example.org\nEND:"
	                   "VEVENT\nEND:VCALENDAR\n"));
	assert_string_equal(got.event.partstat, "NEEDS-ACTION");
	read_text(calendar("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"));
	assert_string_equal(got.trouble, "other_method");
	read_text(calendar("BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE:mailto:x@example.org\nATTENDEE:mailto:y@example."
	                   "org\nEND:VEVENT\nEND:VCALENDAR\n"));
	assert_int_equal(got.kind, INCOMING_REPLY);
	assert_null(got.event.attendee); // who of them answers is not said
	read_text(calendar("BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\n"));
	assert_string_equal(got.trouble, "bad_calendar");
	read_text(calendar(""));
	assert_string_equal(got.trouble, "bad_calendar");
}

static char *repeated(const char *text, int times)
{
	struct buffer out;
	buffer_init(&out, arena);
	for (int i = 0; i < times; i++)
		buffer_print(&out, "%s", text);
	return out.data;
}

static void hostile_mail_is_put_aside(void **state)
{
	(void)state;
	struct buffer nested;
	buffer_init(&nested, arena);
	buffer_print(&nested, "From: a@example.org\n");
	for (int i = 0; i < 5000; i++)
		buffer_print(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	read_text(nested.data);
	assert_string_equal(got.trouble, "too_deep");
	read_text(arena_print(arena, "From: a@example.org\n%s", repeated("Content-Type: message/rfc822\n\n", 3000)));
	assert_string_equal(got.trouble, "too_deep");
	read_text(arena_print(arena, "From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n%s",
	    repeated("--b\nContent-Type: text/plain\n\nx\n", 1000)));
	assert_string_equal(got.trouble, "too_many_parts");
	read_text(calendar(arena_print(arena, "BEGIN:VCALENDAR\nMETHOD:REPLY\n%s", repeated("BEGIN:VEVENT\n", 5000))));
	assert_string_equal(got.trouble, "bad_calendar");
	read_text(calendar(arena_print(arena, "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n%sEND:VEVENT\nEND:VCALENDAR\n",
	    repeated("ATTENDEE:mailto:a@example.org\n", 5000))));
	assert_string_equal(got.trouble, "bad_calendar");
	read_text("");
	assert_string_equal(got.trouble, "no_mail");
	read_text("\n\n\n--\n:\n");
	assert_string_equal(got.trouble, "no_mail");
	char *huge = arena_alloc(arena, INCOMING_MOST_BYTES + 1);
	memset(huge, 'x', INCOMING_MOST_BYTES + 1);
	incoming_read(&got, huge, INCOMING_MOST_BYTES + 1, NULL, &key, arena);
	assert_string_equal(got.trouble, "too_big");
}

// Each of these made the parser go into itself until the stack was full, or take a second for each megabyte.
static void hostile_addresses_are_left_out(void **state)
{
	(void)state;
	const char *long_group = arena_print(arena, "From: %s;\n", repeated("g:", 1000000)),
	           *short_group = arena_print(arena, "To: %s;\n", repeated("g:", 4000));
	read_text(arena_print(arena, "Subject: x\n%s\nText\n", long_group));
	assert_string_equal(got.trouble, "no_mail");
	read_text(arena_print(arena, "From: a@example.org\n%s\nText\n", short_group));
	assert_string_equal(got.from, "a@example.org");
	read_text(arena_print(arena, "From: a@example.org\nContent-Type: mEssage/(x)\n rfc822\n\n%s\nText\n", long_group));
	assert_int_equal(got.kind, INCOMING_OTHER);
	read_text(
	    arena_print(arena, "From: a@example.org\nContent-Type: multipart/digest; boundary=b\n\n--b\n\n%s\nText\n--b--\n", long_group));
	assert_int_equal(got.kind, INCOMING_OTHER);
	read_text(arena_print(arena, "From: a@example.org\nSubject: x%s\n\nText\n", repeated("\n y", 1000000)));
	assert_null(got.subject);
	assert_string_equal(got.excerpt, "Text");
}

static void broken_encodings_are_no_trouble(void **state)
{
	(void)state;
	read_text("From: a@example.org\nSubject: =?x-none?B?////?= \xff\xfe\nContent-Type: text/plain; charset=x-none\n\n\xff\xfe abc\n");
	assert_int_equal(got.kind, INCOMING_OTHER);
	assert_non_null(strstr(got.excerpt, "abc"));
	read_text("From: a@example.org\nContent-Type: text/calendar; charset=utf-8; method=REPLY\nContent-Transfer-Encoding: "
	          "base64\n\nQkVHSU4*&^%$6VkNBTEV\n");
	assert_string_equal(got.trouble, "bad_calendar");
	static const char with_nul[] = "From: a@example.org\nContent-Type: text/plain\n\nab\0cd\n";
	incoming_read(&got, with_nul, sizeof with_nul - 1, NULL, &key, arena);
	assert_int_equal(got.kind, INCOMING_OTHER);
	assert_non_null(incoming_facts(&got, arena));
}

static void facts_name_what_is_there(void **state)
{
	(void)state;
	read_sample("thunderbird", SECRET_REPLY);
	const char *facts = incoming_facts(&got, arena);
	assert_non_null(strstr(facts, "\"kind\":\"reply\""));
	assert_non_null(strstr(facts, "\"partstat\":\"ACCEPTED\""));
	assert_non_null(strstr(facts, id));
	assert_null(strstr(facts, "bounce"));
	read_sample("dsn_postfix", SECRET_BOUNCE);
	facts = incoming_facts(&got, arena);
	assert_non_null(strstr(facts, "\"status\":\"5.1.1\""));
	assert_non_null(strstr(facts, "\"mail\":\"0193f1c2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_read),
	    cmocka_unit_test(substitutes_and_proposals_are_read),
	    cmocka_unit_test(bounces_are_read),
	    cmocka_unit_test(automatic_mail_is_recognised),
	    cmocka_unit_test(tokens_are_found),
	    cmocka_unit_test(zones_are_known),
	    cmocka_unit_test(odd_answers_change_nothing),
	    cmocka_unit_test(hostile_mail_is_put_aside),
	    cmocka_unit_test(hostile_addresses_are_left_out),
	    cmocka_unit_test(broken_encodings_are_no_trouble),
	    cmocka_unit_test(facts_name_what_is_there),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
