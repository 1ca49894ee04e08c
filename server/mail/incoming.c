// incoming.c: takes a message apart and says what it is.
#include "mail/incoming.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/incoming_parts.h"

enum {
	MOST_BOUNDARIES = 40, // each is a level of nesting or a neighbour of one
	MOST_INNER = 20,      // messages within messages
	MOST_PARTS = 200,
	MOST_DEPTH = 10,
	MOST_HEADER = 500,
	MOST_EXCERPT = 2000,
	TOKEN_ROOM = SECRET_MAILBOX_TEXT + 1,
};

char *incoming_lines(struct arena *arena, const char *text, size_t most)
{
	if (text == NULL)
		return NULL;
	char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, most));
	char *line = arena_copy(arena, valid);
	g_free(valid);
	for (char *at = line; *at != '\0'; at++) {
		if (((unsigned char)*at < ' ' && *at != '\n') || *at == 0x7f)
			*at = ' ';
	}
	line += strspn(line, " \n");
	size_t length = strlen(line);
	while (length > 0 && strchr(" \n", line[length - 1]) != NULL)
		line[--length] = '\0';
	return length > 0 ? line : NULL;
}

char *incoming_line(struct arena *arena, const char *text, size_t most)
{
	char *line = incoming_lines(arena, text, most);
	for (char *at = line; at != NULL && *at != '\0'; at++)
		*at = *at == '\n' ? ' ' : *at;
	return line;
}

static char *in_utf8(const char *bytes, size_t length, const char *charset)
{
	char *converted = NULL;
	if (charset != NULL && strncasecmp(charset, "utf-8", 5) != 0 && strcasecmp(charset, "us-ascii") != 0)
		converted = g_convert(bytes, (gssize)length, "UTF-8", charset, NULL, NULL, NULL);
	// Who names a wrong charset, or none, mostly writes UTF-8.
	return converted ? converted : g_utf8_make_valid(bytes, (gssize)length);
}

char *incoming_text(struct arena *arena, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	if (content == NULL)
		return arena_copy(arena, "");
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
	char *converted = in_utf8(bytes->len > 0 ? (const char *)bytes->data : "", bytes->len,
	    g_mime_object_get_content_type_parameter((GMimeObject *)part, "charset"));
	char *text = arena_copy(arena, strncmp(converted, "\xEF\xBB\xBF", 3) == 0 ? converted + 3 : converted), *to = text;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at != '\r')
			*to++ = *at;
	}
	*to = '\0';
	g_free(converted);
	g_object_unref(stream);
	return text;
}

static size_t count_of(const char *bytes, size_t length, const char *word, size_t most)
{
	size_t count = 0, step = strlen(word);
	for (const char *at = bytes, *end = bytes + length; count <= most && (size_t)(end - at) >= step; at++) {
		at = memchr(at, *word, (size_t)(end - at));
		if (at == NULL || (size_t)(end - at) < step)
			break;
		count += strncasecmp(at, word, step) == 0;
	}
	return count;
}

// What a parser that goes into itself for each level had better not see. Counted roughly, and before anything is parsed: of either case,
// 'B' is looked for too.
static const char *too_much(const char *bytes, size_t length)
{
	if (length > INCOMING_MOST_BYTES)
		return "too_big";
	if (count_of(bytes, length, "boundary", MOST_BOUNDARIES) + count_of(bytes, length, "Boundary", MOST_BOUNDARIES) > MOST_BOUNDARIES ||
	    count_of(bytes, length, "message/", MOST_INNER) + count_of(bytes, length, "Message/", MOST_INNER) > MOST_INNER)
		return "too_deep";
	if (count_of(bytes, length, "\ncontent-type:", MOST_PARTS) > MOST_PARTS)
		return "too_many_parts";
	return NULL;
}

static const char *header(GMimeMessage *message, const char *name)
{
	return g_mime_object_get_header((GMimeObject *)message, name);
}

static bool header_has(GMimeMessage *message, const char *name, const char *word)
{
	const char *value = header(message, name);
	return value != NULL && strcasestr(value, word) != NULL;
}

// RFC 3834. X-Auto-Response-Suppress is no sign of it: people's Outlooks write that too.
static bool is_automatic(GMimeMessage *message)
{
	static const struct {
		const char *name, *value; // NULL: it is enough that it is there
	} signs[] = {{"Precedence", "bulk"}, {"Precedence", "junk"}, {"Precedence", "list"}, {"Precedence", "auto_reply"}, {"List-Id", NULL},
	    {"List-Unsubscribe", NULL}, {"List-Post", NULL}, {"X-Autoreply", NULL}, {"X-Autorespond", NULL}, {"X-Autoresponder", NULL},
	    {"Return-Path", "<>"}, {"X-Failed-Recipients", NULL}, {"From", "mailer-daemon@"}};
	const char *submitted = header(message, "Auto-Submitted");
	if (submitted != NULL && strncasecmp(submitted + strspn(submitted, " \t"), "no", 2) != 0)
		return true;
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (signs[i].value ? header_has(message, signs[i].name, signs[i].value) : header(message, signs[i].name) != NULL)
			return true;
	}
	return false;
}

// The first address of ours within a text.
static bool find_token(struct incoming *incoming, const char *text, const struct secret_key *key, struct arena *arena)
{
	for (const char *at = text ? strchr(text, '@') : NULL; at != NULL && !incoming->addressed; at = strchr(at + 1, '@')) {
		if (at - text < TOKEN_ROOM)
			continue;
		const char *local = arena_slice(arena, at - TOKEN_ROOM, TOKEN_ROOM);
		incoming->addressed = *local == '+' && secret_mailbox_open(key, local, &incoming->purpose, incoming->id, &incoming->link_version);
	}
	return incoming->addressed;
}

static void find_address(
    struct incoming *incoming, GMimeMessage *message, const char *recipient, const struct secret_key *key, struct arena *arena)
{
	static const char *const names[] = {
	    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-RCPT-To", "Original-Recipient", "To", "Cc", "Resent-To"};
	bool found = find_token(incoming, recipient, key, arena);
	GMimeHeaderList *list = g_mime_object_get_header_list((GMimeObject *)message);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		for (int j = 0; !found && j < g_mime_header_list_get_count(list); j++) {
			GMimeHeader *one = g_mime_header_list_get_header_at(list, j);
			if (strcasecmp(g_mime_header_get_name(one), names[i]) == 0)
				found = find_token(incoming, g_mime_header_get_raw_value(one), key, arena);
		}
	}
}

// The parts we look at, the first of each.
struct parts {
	GMimePart *calendar, *status, *text;
	bool receipt; // somebody opened a mail
	int count;
};

static void look_at(struct parts *parts, GMimeObject *object, int depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	if (++parts->count > MOST_PARTS || depth > MOST_DEPTH || type == NULL)
		return;
	if (GMIME_IS_MULTIPART(object)) {
		const char *report = g_mime_content_type_get_parameter(type, "report-type");
		parts->receipt = parts->receipt || (report != NULL && strcasecmp(report, "disposition-notification") == 0);
		for (int i = 0; i < g_mime_multipart_get_count((GMimeMultipart *)object) && i < MOST_PARTS; i++)
			look_at(parts, g_mime_multipart_get_part((GMimeMultipart *)object, i), depth + 1);
	} else if (GMIME_IS_PART(object)) { // what a message brings along within a message is not its own
		GMimePart *part = (GMimePart *)object;
		bool calendar = g_mime_content_type_is_type(type, "text", "calendar") || g_mime_content_type_is_type(type, "application", "ics");
		if (calendar && parts->calendar == NULL)
			parts->calendar = part;
		else if (parts->status == NULL && (g_mime_content_type_is_type(type, "message", "delivery-status") ||
		                                      g_mime_content_type_is_type(type, "message", "global-delivery-status")))
			parts->status = part;
		else if (parts->text == NULL && g_mime_content_type_is_type(type, "text", "*"))
			parts->text = part;
	}
}

static void understand(struct incoming *incoming, GMimeMessage *message, const struct secret_key *key, struct arena *arena)
{
	struct parts parts = {0};
	if (g_mime_message_get_mime_part(message) != NULL)
		look_at(&parts, g_mime_message_get_mime_part(message), 0);
	const char *text = parts.text ? incoming_text(arena, parts.text) : "";
	const char *failed = header(message, "X-Failed-Recipients");
	bool daemon = failed != NULL || header_has(message, "From", "mailer-daemon") || header_has(message, "Return-Path", "<>");
	incoming->excerpt = incoming_lines(arena, text, MOST_EXCERPT);
	if (parts.status != NULL) {
		bounce_read(incoming, incoming_text(arena, parts.status), arena);
	} else if (parts.calendar != NULL && calendar_read(incoming, incoming_text(arena, parts.calendar), arena)) {
		if (!incoming->addressed)
			find_token(incoming, incoming->event.organizer ? arena_print(arena, "%s@", incoming->event.organizer) : NULL, key, arena);
	} else if (daemon && incoming->addressed && incoming->purpose == SECRET_BOUNCE) {
		bounce_guess(incoming, text, failed, arena);
	} else if (incoming->automatic || parts.receipt || (incoming->addressed && incoming->purpose == SECRET_BOUNCE)) {
		// Replies that people's machines write go to the envelope's sender, to which no person would write.
		incoming->kind = INCOMING_AUTOMATIC;
		incoming->trouble = NULL;
	}
}

static void read_headers(struct incoming *incoming, GMimeMessage *message, struct arena *arena)
{
	InternetAddressList *from = g_mime_message_get_from(message);
	InternetAddress *first = from && internet_address_list_length(from) > 0 ? internet_address_list_get_address(from, 0) : NULL;
	if (first != NULL && INTERNET_ADDRESS_IS_MAILBOX(first))
		incoming->from = incoming_line(arena, internet_address_mailbox_get_addr((InternetAddressMailbox *)first), MOST_HEADER);
	incoming->one_sender = incoming->from != NULL && internet_address_list_length(from) == 1;
	incoming->subject = incoming_line(arena, g_mime_message_get_subject(message), MOST_HEADER);
	incoming->message_id = incoming_line(arena, g_mime_message_get_message_id(message), MOST_HEADER);
	incoming->automatic = is_automatic(message);
}

// What stands below the headers.
static const char *digest_of(const char *bytes, size_t length, struct arena *arena)
{
	const char *gap = memmem(bytes, length, "\n\n", 2), *wide = memmem(bytes, length, "\n\r\n", 3);
	const char *body = gap && (!wide || gap < wide) ? gap + 2 : wide ? wide + 3 : bytes;
	return secret_digest(arena, body, length - (size_t)(body - bytes));
}

void incoming_read(
    struct incoming *incoming, const char *bytes, size_t length, const char *recipient, const struct secret_key *key, struct arena *arena)
{
	*incoming = (struct incoming){.digest = digest_of(bytes, length, arena), .trouble = too_much(bytes, length)};
	find_token(incoming, recipient, key, arena);
	if (incoming->trouble != NULL)
		return;
	size_t clean_length;
	const char *clean = incoming_clean(arena, bytes, length, &clean_length);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(clean, clean_length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message != NULL) {
		read_headers(incoming, message, arena);
		find_address(incoming, message, recipient, key, arena);
		understand(incoming, message, key, arena);
		g_object_unref(message);
	}
	if (incoming->kind == INCOMING_OTHER && incoming->from == NULL && incoming->trouble == NULL)
		incoming->trouble = "no_mail";
	g_object_unref(parser);
	g_object_unref(stream);
}
