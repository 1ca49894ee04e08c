// compose_test.c: what a mail looks like on the wire, and what must never get into it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mail/mail.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct mail_message usual(void)
{
	return (struct mail_message){
	    .from = {"Narada", "narada@example.org"},
	    .to = {"Jan Nowak", "jan@example.org"},
	    .subject = "Zaproszenie",
	    .message_id = "1@example.org",
	    .text = "Dzień dobry,\n\nzapraszamy.\n",
	    .html = "<p>Dzień dobry</p>\n",
	    .date = 1576573200, // 2019-12-17T09:00:00Z
	};
}

static char *composed(const struct mail_message *message)
{
	struct buffer out;
	buffer_init(&out, arena);
	assert_true(mail_compose(&out, message));
	assert_int_equal(strlen(out.data), out.length);
	return out.data;
}

// As another program reads it; unref by the caller.
static GMimeMessage *parsed(const char *bytes)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, strlen(bytes));
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	assert_non_null(message);
	return message;
}

static InternetAddress *only(InternetAddressList *list)
{
	assert_int_equal(internet_address_list_length(list), 1);
	return internet_address_list_get_address(list, 0);
}

static char *text_of(GMimeMessage *message, int part)
{
	GMimeMultipart *alternative = (GMimeMultipart *)g_mime_message_get_mime_part(message);
	assert_true(GMIME_IS_MULTIPART(alternative));
	assert_int_equal(g_mime_multipart_get_count(alternative), 2);
	char *text = g_mime_text_part_get_text((GMimeTextPart *)g_mime_multipart_get_part(alternative, part));
	char *copy = arena_copy(arena, text);
	g_free(text);
	return copy;
}

static void is_fit_for_the_wire(const char *bytes)
{
	size_t line = 0;
	for (const char *at = bytes; *at; at++) {
		assert_true((unsigned char)*at < 0x80);
		if (*at == '\r')
			assert_int_equal(at[1], '\n');
		if (*at == '\n')
			assert_int_equal(at[-1], '\r');
		line = *at == '\n' ? 0 : line + 1;
		assert_true(line <= 76 + 1);
	}
	assert_memory_equal(bytes + strlen(bytes) - 2, "\r\n", 2);
}

static void a_usual_mail(void **state)
{
	(void)state;
	struct mail_message message = usual();
	message.reply_to = (struct mail_address){NULL, "biuro@example.org"};
	message.references = "0@example.org";
	char *bytes = composed(&message);
	is_fit_for_the_wire(bytes);
	assert_non_null(strstr(bytes, "Date: Tue, 17 Dec 2019 09:00:00 +0000\r\n"));
	assert_non_null(strstr(bytes, "\r\nMessage-Id: <1@example.org>\r\n"));
	assert_non_null(strstr(bytes, "\r\nReferences: <0@example.org>\r\n"));
	assert_non_null(strstr(bytes, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_non_null(strstr(bytes, "\r\nReply-To: biuro@example.org\r\n"));
	assert_non_null(strstr(bytes, "\r\nContent-Type: multipart/alternative; boundary="));
	GMimeMessage *read = parsed(bytes);
	assert_string_equal(text_of(read, 0), "Dzień dobry,\r\n\r\nzapraszamy.\r\n");
	assert_non_null(strstr(text_of(read, 1), "<p>Dzień dobry</p>"));
	g_object_unref(read);
}

static char *content_of(GMimeObject *object)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content((GMimePart *)object), stream);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
	char *copy = arena_slice(arena, (const char *)bytes->data, bytes->len);
	g_object_unref(stream);
	return copy;
}

static void an_invitation_has_its_calendar_where_clients_look(void **state)
{
	(void)state;
	static const char calendar[] = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Żółw\r\nEND:VCALENDAR\r\n";
	struct mail_message message = usual();
	message.calendar = calendar;
	message.calendar_method = "REQUEST";
	char *bytes = composed(&message);
	is_fit_for_the_wire(bytes);
	assert_non_null(strstr(bytes, "\r\nContent-Type: text/calendar; charset=UTF-8; method=REQUEST\r\n"));
	GMimeMessage *read = parsed(bytes);
	GMimeMultipart *mixed = (GMimeMultipart *)g_mime_message_get_mime_part(read);
	assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type((GMimeObject *)mixed), "multipart", "mixed"));
	assert_int_equal(g_mime_multipart_get_count(mixed), 2);
	GMimeMultipart *alternative = (GMimeMultipart *)g_mime_multipart_get_part(mixed, 0);
	assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type((GMimeObject *)alternative), "multipart", "alternative"));
	assert_int_equal(g_mime_multipart_get_count(alternative), 3);
	GMimeObject *invitation = g_mime_multipart_get_part(alternative, 2), *file = g_mime_multipart_get_part(mixed, 1);
	assert_null(g_mime_object_get_content_disposition(invitation));
	assert_int_equal(g_mime_part_get_content_encoding((GMimePart *)invitation), GMIME_CONTENT_ENCODING_BASE64);
	assert_string_equal(content_of(invitation), calendar);
	assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(file), "application", "ics"));
	assert_string_equal(g_mime_object_get_disposition(file), "attachment");
	assert_string_equal(g_mime_part_get_filename((GMimePart *)file), "invite.ics");
	assert_string_equal(content_of(file), calendar);
	g_object_unref(read);
}

static void names_and_subjects_come_back_as_they_were(void **state)
{
	static const char *const texts[] = {
	    "Zażółć gęślą jaźń",
	    "Kowalska, Anna \"Ania\" (prof.)",
	    "dr hab. inż. Nowak-Kowalska; O'Neil <x>",
	    "Äijälä Öhman \\ Yrjönen",
	    "\xF0\x9F\x8E\x89 święto = koniec?",
	    "a =?utf-8?q?x?= b",
	    "Posiedzenie Rady Klastra w sprawie współpracy miast i gmin województwa małopolskiego z przedsiębiorstwami oraz uczelniami, a "
	    "także "
	    "podsumowanie mijającego roku i plany na następny",
	    "bardzo_dlugie_slowo_bez_zadnej_przerwy_bardzo_dlugie_slowo_bez_zadnej_przerwy_bardzo_dlugie_slowo_bez_zadnej_przerwy",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct mail_message message = usual();
		message.subject = message.to.name = message.from.name = texts[i];
		char *bytes = composed(&message);
		is_fit_for_the_wire(bytes);
		GMimeMessage *read = parsed(bytes);
		assert_string_equal(g_mime_message_get_subject(read), texts[i]);
		assert_string_equal(internet_address_get_name(only(g_mime_message_get_to(read))), texts[i]);
		assert_string_equal(internet_address_get_name(only(g_mime_message_get_from(read))), texts[i]);
		g_object_unref(read);
	}
}

static void nothing_becomes_a_header(void **state)
{
	static const char evil[] = "Spotkanie\r\nBcc: all@example.org\r\n\r\n<b>x</b>\n\tX: y";
	(void)state;
	struct mail_message message = usual();
	message.subject = message.to.name = message.from.name = evil;
	message.reply_to = (struct mail_address){evil, "biuro@example.org"};
	char *bytes = composed(&message);
	assert_null(strstr(bytes, "\nBcc:"));
	assert_null(strstr(bytes, "\nX:"));
	GMimeMessage *read = parsed(bytes);
	assert_int_equal(internet_address_list_length(g_mime_message_get_all_recipients(read)), 1);
	assert_string_equal(g_mime_message_get_subject(read), "Spotkanie  Bcc: all@example.org    <b>x</b>  X: y");
	g_object_unref(read);

	static const char *const addresses[] = {"jan@example.org\r\nBcc: all@example.org", "jan@example.org>,<all@example.org", "jan",
	    "@example.org", "jan@", "jan nowak@example.org", "jan@exa mple.org", "a,b@example.org", "jan@example.org, all@example.org", ""};
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct buffer out;
		buffer_init(&out, arena);
		message = usual();
		message.to.address = addresses[i];
		assert_false(mail_compose(&out, &message));
		assert_int_equal(out.length, 0);
	}
}

// Whatever its letters: also where all of them stand in Latin 1, which a library might choose by itself.
static void every_letter_is_utf8(void **state)
{
	(void)state;
	struct mail_message message = usual();
	message.text = "Tähän osoitteeseen\n";
	message.html = "<p>Kirjaudu sisään</p>\n";
	const char *bytes = composed(&message);
	assert_non_null(strstr(bytes, "T=C3=A4h=C3=A4n osoitteeseen\r\n"));
	assert_non_null(strstr(bytes, "Kirjaudu sis=C3=A4=C3=A4n"));
	assert_null(strstr(bytes, "iso-8859-1"));
}

// A dot alone, a line that begins with From, lines longer than SMTP takes, and no end of line.
static void bodies_come_back_as_they_were(void **state)
{
	(void)state;
	struct mail_message message = usual();
	char *longest = arena_alloc(arena, 5001);
	memset(longest, 'x', 5000);
	message.text = arena_print(arena, "a\n.\n..b\nFrom here\n%s\nkoniec = ż", longest);
	char *bytes = composed(&message);
	is_fit_for_the_wire(bytes);
	GMimeMessage *read = parsed(bytes);
	assert_string_equal(text_of(read, 0), arena_print(arena, "a\r\n.\r\n..b\r\nFrom here\r\n%s\r\nkoniec = ż", longest));
	g_object_unref(read);
}

static void domains_travel_in_ascii(void **state)
{
	(void)state;
	assert_string_equal(mail_address_wire(arena, "Jan.Nowak+x@Example.ORG"), "Jan.Nowak+x@example.org");
	assert_string_equal(mail_address_wire(arena, "jan@żółw.pl"), "jan@xn--w-uga1v8h.pl");
	assert_string_equal(mail_address_wire(arena, "o'neil@example.org"), "o'neil@example.org");
	assert_null(mail_address_wire(arena, "jan@-.pl"));
	struct mail_message message = usual();
	message.to.address = "jan@żółw.pl";
	assert_non_null(strstr(composed(&message), "<jan@xn--w-uga1v8h.pl>"));
}

static void addresses_are_read(void **state)
{
	struct mail_address address;
	(void)state;
	assert_true(mail_address_read(&address, "Klaster Zielona Małopolska <kzm@example.org>", arena));
	assert_string_equal(address.name, "Klaster Zielona Małopolska");
	assert_string_equal(address.address, "kzm@example.org");
	assert_true(mail_address_read(&address, " \"Biuro, KZM\"  <kzm@example.org> ", arena));
	assert_string_equal(address.name, "Biuro, KZM");
	assert_true(mail_address_read(&address, " kzm@example.org ", arena));
	assert_null(address.name);
	assert_string_equal(address.address, "kzm@example.org");
	assert_false(mail_address_read(&address, "Klaster <kzm@example.org", arena));
	assert_false(mail_address_read(&address, "Klaster", arena));
	assert_false(mail_address_read(&address, "", arena));
}

static void files_are_whole_and_private(void **state)
{
	char folder[] = "/tmp/narada-mail-XXXXXX";
	(void)state;
	assert_non_null(mkdtemp(folder));
	char *inner = arena_print(arena, "%s/outbox", folder);
	struct mail_delivery *delivery = mail_delivery_new(&(struct mail_options){.folder = inner});
	struct mail_message message = usual();
	struct mail_result result;
	mail_deliver(delivery, &message, "1", &result);
	mail_deliver(delivery, &message, "1", &result);
	assert_int_equal(result.outcome, MAIL_SENT);
	char *path = arena_print(arena, "%s/1.eml", inner);
	assert_int_equal(access(path, R_OK), 0);
	message.to.address = "nobody";
	mail_deliver(delivery, &message, "2", &result);
	assert_int_equal(result.outcome, MAIL_REFUSED);
	assert_string_not_equal(result.reason, "");
	unlink(path);
	assert_int_equal(rmdir(inner), 0); // nothing else was left there
	assert_int_equal(rmdir(folder), 0);
	mail_deliver(delivery, &message, "3", &result);
	message.to.address = "jan@example.org";
	mail_deliver(delivery, &message, "3", &result); // the folder's folder is gone
	assert_int_equal(result.outcome, MAIL_AWAY);
	mail_delivery_free(delivery);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_usual_mail, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_invitation_has_its_calendar_where_clients_look, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(names_and_subjects_come_back_as_they_were, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nothing_becomes_a_header, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(every_letter_is_utf8, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(bodies_come_back_as_they_were, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(domains_travel_in_ascii, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(addresses_are_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(files_are_whole_and_private, set_up, tear_down),
	};
	mail_start();
	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
