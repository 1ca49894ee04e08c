// compose.c: a message as MIME: text, HTML and perhaps a calendar beside each other. GMime knows how headers are encoded and folded.
#include <gmime/gmime.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mail/mail.h"

void mail_start(void)
{
	g_mime_init();
}

// A line with "Reply-To: =?utf-8?b?…?=" is at most 76 characters long: so many bytes fit.
enum { WORD_BYTES = 39 };

// A name or subject on one line, whatever it held.
static char *one_line(struct arena *arena, const char *text)
{
	char *line = arena_copy(arena, text);
	for (char *at = line; *at != '\0'; at++)
		*at = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
	return line;
}

// Short ASCII words: they need no encoding, and a line can end between them.
static bool is_plain(const char *text)
{
	size_t word = 0;
	for (const char *at = text; *at != '\0'; at++) {
		word = *at == ' ' ? 0 : word + 1;
		if ((unsigned char)*at >= 0x80 || word > WORD_BYTES)
			return false;
	}
	return strstr(text, "=?") == NULL;
}

static bool is_border(const char *text, size_t at)
{
	return ((unsigned char)text[at] & 0xC0) != 0x80;
}

// How many bytes of `text` go into the next word: whole characters only, and in threes if that works out, since then there is no padding:
// some readers join words before they decode them.
static size_t word_length(const char *text)
{
	size_t length = strnlen(text, WORD_BYTES + 1), best = WORD_BYTES;
	if (length <= WORD_BYTES)
		return length;
	while (!is_border(text, best))
		best--;
	for (size_t threes = WORD_BYTES; threes > WORD_BYTES / 2; threes -= 3) {
		if (is_border(text, threes))
			return threes;
	}
	return best;
}

// RFC 2047. All of the text or nothing of it: where encoded words, plain ones and quotes take turns, readers differ about the spaces
// between. GMime takes the words for plain ones, and folds between them.
static char *encoded(struct arena *arena, const char *text)
{
	const char *line = one_line(arena, text);
	if (is_plain(line))
		return arena_copy(arena, line);
	struct buffer words;
	buffer_init(&words, arena);
	while (*line != '\0') {
		size_t length = word_length(line);
		char *base64 = g_base64_encode((const guchar *)line, length);
		buffer_print(&words, "%s=?utf-8?b?%s?=", words.length > 0 ? " " : "", base64);
		g_free(base64);
		line += length;
	}
	return words.data;
}

static bool add_address(GMimeMessage *message, GMimeAddressType type, const struct mail_address *address, struct arena *arena)
{
	const char *wire = mail_address_wire(arena, address->address);
	if (wire == NULL)
		return false;
	g_mime_message_add_mailbox(message, type, address->name ? encoded(arena, address->name) : NULL, wire);
	return true;
}

static void add_part(GMimeMultipart *alternative, const char *subtype, const char *text)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
	// Not g_mime_text_part_set_text(), which makes Latin 1 of what has no other letters.
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content((GMimePart *)part, content);
	g_mime_text_part_set_charset(part, "utf-8");
	// Not base64: a filter that looks at the bytes finds words, and lines end with CRLF whatever the text had.
	g_mime_part_set_content_encoding((GMimePart *)part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_multipart_add(alternative, (GMimeObject *)part);
	g_object_unref(content);
	g_object_unref(stream);
	g_object_unref(part);
}

// The picture belongs to the HTML alone (RFC 2387), so that no reader lists it as a file, and nothing is fetched from elsewhere.
static void add_with_logo(GMimeMultipart *alternative, const struct mail_message *message)
{
	GMimeMultipart *related = g_mime_multipart_new_with_subtype("related");
	g_mime_object_set_content_type_parameter((GMimeObject *)related, "type", "text/html");
	add_part(related, "html", message->html);
	gsize length = 0;
	guchar *bytes = g_base64_decode(message->logo, &length);
	GMimePart *part = g_mime_part_new_with_type("image", "png");
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes, length);
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_part_set_content_id(part, MAIL_LOGO);
	g_mime_object_set_disposition((GMimeObject *)part, GMIME_DISPOSITION_INLINE);
	g_mime_multipart_add(related, (GMimeObject *)part);
	g_mime_multipart_add(alternative, (GMimeObject *)related);
	g_object_unref(content);
	g_object_unref(stream);
	g_object_unref(part);
	g_object_unref(related);
	g_free(bytes);
}

// On one line, however long: relays that fold it anew break signatures.
static void add_unsubscribe(GMimeObject *object, const char *url, struct arena *arena)
{
	g_mime_object_set_header(object, "List-Unsubscribe", url, NULL);
	GMimeHeader *header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), "List-Unsubscribe");
	g_mime_header_set_raw_value(header, arena_print(arena, " <%s>\n", url));
	g_mime_object_set_header(object, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click", NULL);
}

static void add_headers(GMimeMessage *mime, const struct mail_message *message, struct arena *arena)
{
	GDateTime *date = g_date_time_new_from_unix_utc(message->date);
	g_mime_message_set_date(mime, date);
	g_date_time_unref(date);
	g_mime_message_set_subject(mime, encoded(arena, message->subject), "utf-8");
	g_mime_message_set_message_id(mime, message->message_id);
	GMimeObject *object = (GMimeObject *)mime;
	if (message->references != NULL) {
		const char *before = arena_print(arena, "<%s>", message->references);
		g_mime_object_set_header(object, "In-Reply-To", before, NULL);
		g_mime_object_set_header(object, "References", before, NULL);
	}
	if (message->unsubscribe != NULL)
		add_unsubscribe(object, message->unsubscribe, arena);
	// Nobody's out-of-office note should come back (RFC 3834; Exchange has a header of its own).
	g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", NULL);
	g_mime_object_set_header(object, "X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN", NULL);
}

// Base64: the CRLF inside and lines of 75 octets arrive as they are, and no reader stumbles over `=3D` (RFC 6047, 2.5).
static GMimePart *calendar_part(const char *type, const char *subtype, const char *calendar)
{
	GMimePart *part = g_mime_part_new_with_type(type, subtype);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(calendar, strlen(calendar));
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_object_unref(content);
	g_object_unref(stream);
	return part;
}

// As the last way to read the mail, which makes it an invitation (RFC 6047, 2.4): that is where Gmail, Outlook and Apple look.
static void add_invitation(GMimeMultipart *alternative, const struct mail_message *message)
{
	GMimePart *part = calendar_part("text", "calendar", message->calendar);
	g_mime_object_set_content_type_parameter((GMimeObject *)part, "charset", "UTF-8");
	g_mime_object_set_content_type_parameter((GMimeObject *)part, "method", message->calendar_method);
	g_mime_multipart_add(alternative, (GMimeObject *)part);
	g_object_unref(part);
}

// The same bytes once more as a file, for who looks at attachments only. Outlook takes the first child of what is mixed for the mail.
static GMimeMultipart *with_file(GMimeMultipart *alternative, const struct mail_message *message)
{
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	GMimePart *part = calendar_part("application", "ics", message->calendar);
	g_mime_object_set_disposition((GMimeObject *)part, GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(part, "invite.ics");
	g_mime_multipart_add(mixed, (GMimeObject *)alternative);
	g_mime_multipart_add(mixed, (GMimeObject *)part);
	g_object_unref(part);
	g_object_unref(alternative);
	return mixed;
}

static void add_body(GMimeMessage *mime, const struct mail_message *message)
{
	GMimeMultipart *body = g_mime_multipart_new_with_subtype("alternative");
	add_part(body, "plain", message->text);
	if (message->logo != NULL)
		add_with_logo(body, message);
	else
		add_part(body, "html", message->html);
	if (message->calendar != NULL) {
		add_invitation(body, message);
		body = with_file(body, message);
	}
	g_mime_message_set_mime_part(mime, (GMimeObject *)body);
	g_object_unref(body);
}

static void write_out(struct buffer *out, GMimeMessage *mime)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream((GMimeObject *)mime, options, stream);
	const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
	buffer_add(out, bytes->data, bytes->len);
	g_object_unref(stream);
	g_mime_format_options_free(options);
}

bool mail_compose(struct buffer *out, const struct mail_message *message)
{
	GMimeMessage *mime = g_mime_message_new(true);
	bool written = add_address(mime, GMIME_ADDRESS_TYPE_FROM, &message->from, out->arena) &&
	               add_address(mime, GMIME_ADDRESS_TYPE_TO, &message->to, out->arena);
	// An organiser's own address that is wrong must not keep a mail from going out.
	if (message->reply_to.address != NULL)
		add_address(mime, GMIME_ADDRESS_TYPE_REPLY_TO, &message->reply_to, out->arena);
	if (written) {
		add_headers(mime, message, out->arena);
		add_body(mime, message);
		write_out(out, mime);
	}
	g_object_unref(mime);
	return written;
}
