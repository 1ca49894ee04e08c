// deliver.c: a composed mail goes to an SMTP server (libcurl), or into a folder as an .eml file.
//
// libcurl keeps the connection of the mail before. What a server answers is told apart by when it answers: a 5xx about the mail itself is
// final, one before that (greeting, login, TLS) is something between the server and us, which its operator or ours will mend.
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/drop.h"
#include "mail/mail.h"

enum { CONNECT_SECONDS = 15, IDLE_SECONDS = 20 };

struct mail_delivery {
	struct mail_options options;
	CURL *curl;
	bool about_mail;   // MAIL FROM was sent: what the server says now, it says of this mail
	bool takes_utf8;   // the server last greeted offers SMTPUTF8
	bool heard;        // the server said something since this attempt began
	char said[300];    // the line by which it refused; "" while it did not
	const char *bytes; // what is still to be sent of the mail
	size_t left;
};

static void outcome(struct mail_result *result, enum mail_outcome what, const char *reason)
{
	result->outcome = what;
	(void)snprintf(result->reason, sizeof result->reason, "%s", reason);
}

static size_t upload(char *into, size_t size, size_t count, void *argument)
{
	struct mail_delivery *delivery = argument;
	size_t length = size * count < delivery->left ? size * count : delivery->left;
	memcpy(into, delivery->bytes, length);
	delivery->bytes += length;
	delivery->left -= length;
	return length;
}

// Every line of the server comes here. Bytes that are no printable ASCII are kept out of the reason.
static size_t hear(char *line, size_t size, size_t count, void *argument)
{
	struct mail_delivery *delivery = argument;
	size_t length = size * count, room = sizeof delivery->said - 1, kept = 0;
	delivery->heard = true;
	if (length > 3 && strncmp(line, "220", 3) == 0)
		delivery->takes_utf8 = false;
	if (length >= strlen("250-SMTPUTF8") && strncmp(line, "250", 3) == 0 && strncmp(line + 4, "SMTPUTF8", strlen("SMTPUTF8")) == 0)
		delivery->takes_utf8 = true;
	if (length == 0 || delivery->said[0] != '\0' || (line[0] != '4' && line[0] != '5'))
		return length;
	for (size_t i = 0; i < length && kept < room; i++) {
		if (line[i] >= ' ' && line[i] < 0x7f)
			delivery->said[kept++] = line[i];
	}
	delivery->said[kept] = '\0';
	return length;
}

static int watch(CURL *curl, curl_infotype kind, char *bytes, size_t length, void *argument)
{
	struct mail_delivery *delivery = argument;
	(void)curl;
	if (kind == CURLINFO_HEADER_OUT && length > 4 && strncmp(bytes, "MAIL", 4) == 0)
		delivery->about_mail = true;
	return 0;
}

// Our own domain behind the server's address is what libcurl says in EHLO.
static void set_url(struct mail_delivery *delivery)
{
	CURLU *url = curl_url();
	char *whole = NULL;
	if (url != NULL && curl_url_set(url, CURLUPART_URL, delivery->options.smtp_url, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_PATH, delivery->options.hello, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		curl_easy_setopt(delivery->curl, CURLOPT_URL, whole);
	else
		curl_easy_setopt(delivery->curl, CURLOPT_URL, delivery->options.smtp_url);
	curl_free(whole);
	curl_url_cleanup(url);
}

static void set_up(struct mail_delivery *delivery)
{
	CURL *curl = delivery->curl;
	set_url(delivery);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, delivery->options.tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	if (delivery->options.ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, delivery->options.ca_file);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)delivery->options.timeout_seconds);
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_SECONDS); // servers hang up on who is silent
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload);
	curl_easy_setopt(curl, CURLOPT_READDATA, delivery);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, delivery);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); // all of it goes to `watch`
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, watch);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, delivery);
}

struct mail_delivery *mail_delivery_new(const struct mail_options *options)
{
	struct mail_delivery *delivery = calloc(1, sizeof *delivery);
	if (delivery == NULL)
		abort();
	delivery->options = *options;
	if (options->smtp_url == NULL)
		return delivery;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	delivery->curl = curl_easy_init();
	if (delivery->curl == NULL)
		abort();
	set_up(delivery);
	return delivery;
}

void mail_delivery_free(struct mail_delivery *delivery)
{
	if (delivery == NULL)
		return;
	if (delivery->curl != NULL)
		curl_easy_cleanup(delivery->curl);
	free(delivery);
}

static CURLcode attempt(struct mail_delivery *delivery, const struct buffer *mail)
{
	delivery->about_mail = delivery->heard = false;
	delivery->said[0] = '\0';
	delivery->bytes = mail->data;
	delivery->left = mail->length;
	return curl_easy_perform(delivery->curl);
}

// A server may have hung up since the last mail: nothing of this one was heard, so it may be tried on a new connection.
static bool was_stale(struct mail_delivery *delivery)
{
	long made = 1;
	curl_easy_getinfo(delivery->curl, CURLINFO_NUM_CONNECTS, &made);
	return made == 0 && !delivery->heard;
}

// 421 is about the connection whenever it is said: the server is closing it (RFC 5321, 3.8).
static void judge(const struct mail_delivery *delivery, CURLcode code, struct mail_result *result)
{
	const char *said = delivery->said;
	bool about_mail = delivery->about_mail && said[0] != '\0' && strncmp(said, "421", 3) != 0;
	if (code == CURLE_OK)
		outcome(result, MAIL_SENT, "");
	else
		outcome(result,
		    !about_mail      ? MAIL_AWAY
		    : said[0] == '5' ? MAIL_REFUSED
		                     : MAIL_LATER,
		    said[0] != '\0' ? said : curl_easy_strerror(code));
}

static void by_smtp(struct mail_delivery *delivery, const char *from, const char *to, const struct buffer *mail, struct mail_result *result)
{
	struct curl_slist *recipients = curl_slist_append(NULL, to);
	curl_easy_setopt(delivery->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(delivery->curl, CURLOPT_MAIL_RCPT, recipients);
	CURLcode code = attempt(delivery, mail);
	if (code != CURLE_OK && was_stale(delivery)) {
		curl_easy_setopt(delivery->curl, CURLOPT_FRESH_CONNECT, 1L);
		code = attempt(delivery, mail);
		curl_easy_setopt(delivery->curl, CURLOPT_FRESH_CONNECT, 0L);
	}
	judge(delivery, code, result);
	curl_easy_setopt(delivery->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
}

void mail_try(struct mail_delivery *delivery, struct mail_result *result)
{
	outcome(result, MAIL_SENT, "");
	if (delivery->curl == NULL)
		return;
	curl_easy_setopt(delivery->curl, CURLOPT_CONNECT_ONLY, 1L);
	judge(delivery, attempt(delivery, &(struct buffer){0}), result);
	curl_easy_setopt(delivery->curl, CURLOPT_CONNECT_ONLY, 0L);
}

static bool write_whole(int file, const struct buffer *mail)
{
	for (size_t done = 0; done < mail->length;) {
		ssize_t written = write(file, mail->data + done, mail->length - done);
		if (written < 0 && errno != EINTR)
			return false;
		done += written > 0 ? (size_t)written : 0;
	}
	return true;
}

// Written aside and renamed: whoever looks into the folder sees whole mails. They hold links, so they are nobody else's to read.
static void to_folder(const struct mail_options *options, const char *file, const struct buffer *mail, struct mail_result *result)
{
	const char *path = arena_print(mail->arena, "%s/%s.eml", options->folder, file);
	const char *aside = arena_print(mail->arena, "%s.new", path);
	(void)mkdir(options->folder, S_IRWXU);
	DROP_FD int place = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (place >= 0 && write_whole(place, mail) && rename(aside, path) == 0)
		outcome(result, MAIL_SENT, "");
	else
		outcome(result, MAIL_AWAY, arena_print(mail->arena, "%s can't be written: %s", path, strerror(errno)));
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

// RFC 6531: letters before the @ that are none of ASCII's may be sent only to a server that says it takes them.
static bool takes(struct mail_delivery *delivery, const char *address, struct mail_result *result)
{
	if (delivery->curl == NULL || is_ascii(address))
		return true;
	mail_try(delivery, result);
	if (result->outcome != MAIL_SENT)
		return false;
	if (!delivery->takes_utf8)
		outcome(result, MAIL_REFUSED, "The mail server takes no address with such letters before the @ (SMTPUTF8).");
	return delivery->takes_utf8;
}

void mail_deliver(struct mail_delivery *delivery, const struct mail_message *message, const char *file, struct mail_result *result)
{
	struct arena *arena = arena_new();
	struct buffer mail;
	buffer_init(&mail, arena);
	const char *from = mail_address_wire(arena, message->envelope ? message->envelope : message->from.address);
	const char *to = mail_address_wire(arena, message->to.address);
	if (from == NULL || to == NULL || !mail_compose(&mail, message))
		outcome(result, MAIL_REFUSED, "No mail can be sent to this address.");
	else if (delivery->curl == NULL)
		to_folder(&delivery->options, file, &mail, result);
	else if (takes(delivery, to, result))
		by_smtp(delivery, from, to, &mail, result);
	arena_free(arena);
}
