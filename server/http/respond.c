// respond.c: from the handler's answer to libmicrohttpd's response: conditions, coding, headers, streams.
#include <assert.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "http/compress.h"
#include "http/conditional.h"
#include "http/exchange.h"

enum {
	OK = 200,
	NO_CONTENT = 204,
	NOT_MODIFIED = 304,
	STREAM_BLOCK = 16 * 1024, // only for clients of HTTP/1.0; others get chunks as large as the connection's memory
};

// No inline code, nothing from elsewhere: everything a page uses is the server's own.
static const char page_policy[] = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
                                  "connect-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
                                  "frame-ancestors 'none'";
static const char data_policy[] = "default-src 'none'; frame-ancestors 'none'";

static bool has_type(const char *type, const char *wanted)
{
	return type && strncasecmp(type, wanted, strlen(wanted)) == 0;
}

static bool is_head(const struct exchange *exchange)
{
	return strcmp(exchange->request.method, "HEAD") == 0;
}

void http_set(struct http_response *response, const char *name, const char *value)
{
	assert(response->headers < (int)(sizeof response->header / sizeof *response->header));
	response->header[response->headers].name = name;
	response->header[response->headers].value = value;
	response->headers++;
}

static const char *set_already(const struct http_response *response, const char *name)
{
	for (int i = 0; i < response->headers; i++)
		if (strcasecmp(response->header[i].name, name) == 0)
			return response->header[i].value;
	return NULL;
}

static void add(struct exchange *exchange, const char *name, const char *value)
{
	if (value)
		MHD_add_response_header(exchange->reply, name, value);
}

static void add_unless_set(struct exchange *exchange, const struct http_response *response, const char *name, const char *value)
{
	if (!set_already(response, name))
		add(exchange, name, value);
}

static void add_security(struct exchange *exchange, const struct http_response *response)
{
	bool page = has_type(response->type, "text/html");
	// A worker's own policy comes with its script.
	bool script = has_type(response->type, "text/javascript") || has_type(response->type, "application/javascript");
	add_unless_set(exchange, response, "Content-Security-Policy", page || script ? page_policy : data_policy);
	add_unless_set(exchange, response, "X-Content-Type-Options", "nosniff");
	add_unless_set(exchange, response, "Referrer-Policy", "no-referrer");
	if (page)
		add_unless_set(exchange, response, "Cross-Origin-Opener-Policy", "same-origin");
}

// The caller's Vary and ours are one header.
static void add_vary(struct exchange *exchange, const struct http_response *response, bool by_coding)
{
	const char *theirs = set_already(response, "Vary");
	if (theirs && by_coding)
		theirs = arena_print(exchange->request.arena, "%s, Accept-Encoding", theirs);
	add(exchange, "Vary", theirs ? theirs : by_coding ? "Accept-Encoding" : NULL);
}

static void add_headers(
    struct exchange *exchange, const struct http_response *response, const char *etag, enum coding coding, bool by_coding)
{
	add(exchange, "X-Request-Id", exchange->request.id);
	add(exchange, "Cache-Control", response->cache ? response->cache : "no-store");
	add(exchange, "ETag", etag);
	add_vary(exchange, response, by_coding);
	// What a 304 would repeat to no use; RFC 9110 §15.4.5.
	if (exchange->status != NOT_MODIFIED) {
		add(exchange, "Content-Type", response->type);
		add(exchange, "Content-Encoding", coding_name(coding));
		add_security(exchange, response);
	}
	for (int i = 0; i < response->headers; i++)
		if (strcasecmp(response->header[i].name, "Vary") != 0)
			add(exchange, response->header[i].name, response->header[i].value);
	if (exchange->server->quiesced)
		add(exchange, "Connection", "close");
}

// A stream that breaks must not look like one that ended. HTTP/1.0 has nothing but the connection to tell them apart, so it is
// reset, not closed: that is what connecting a socket to nowhere does.
static void cut(const struct exchange *exchange)
{
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	if (connect(exchange->connection->socket, &nowhere, sizeof nowhere) != 0)
		shutdown(exchange->connection->socket, SHUT_RDWR);
	// libmicrohttpd 0.9 forgets a connection that it closes while it waits for a stream; those with a timeout of their own it
	// looks at every time.
	MHD_set_connection_option(exchange->mhd, MHD_CONNECTION_OPTION_TIMEOUT, 1U);
}

static ssize_t read_stream(void *argument, uint64_t position, char *into, size_t room)
{
	(void)position;
	struct exchange *exchange = argument;
	exchange->more = false;
	long length = exchange->read(exchange->source, into, room);
	if (length > 0) {
		exchange->bytes += (uint64_t)length;
		return length;
	}
	if (length == HTTP_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (length == 0) {
		if (!exchange->more) {
			exchange->suspended = true;
			MHD_suspend_connection(exchange->mhd);
		}
		return 0;
	}
	cut(exchange);
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

// The ETag under which the client has it already; NULL if it has not. `own` is the ETag with the suffix of its coding.
static const char *known_already(const struct exchange *exchange, const struct http_response *response, const char *own)
{
	if (!response->etag || response->status != OK || !exchange_is_safe(exchange))
		return NULL;
	return etag_match(exchange->request.arena, http_header(&exchange->request, "If-None-Match"), response->etag, own);
}

static void make_stream(struct exchange *exchange, const struct http_response *response)
{
	exchange->read = response->read;
	exchange->read_done = response->read_done;
	exchange->source = response->source;
	const char *match = known_already(exchange, response, response->etag);
	if (match) {
		exchange->status = NOT_MODIFIED;
		exchange->reply = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
		if (exchange->reply)
			add_headers(exchange, response, match, CODING_NONE, false);
		return;
	}
	uint64_t size = response->body_length ? response->body_length : MHD_SIZE_UNKNOWN;
	exchange->reply = MHD_create_response_from_callback(size, STREAM_BLOCK, read_stream, exchange, NULL);
	if (!exchange->reply)
		return;
	add_headers(exchange, response, response->etag, CODING_NONE, false);
	// libmicrohttpd 0.9 ends even the body that HEAD must not have with an empty chunk; without chunks it has to close.
	if (is_head(exchange) && size == MHD_SIZE_UNKNOWN)
		MHD_set_response_options(exchange->reply, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

static void make_whole(struct exchange *exchange, const struct http_response *response)
{
	struct http_request *request = &exchange->request;
	const char *body = response->body ? response->body : "", *etag = response->etag;
	size_t length = response->body ? response->body_length : 0;
	bool by_coding = is_compressible(response->type, length) && !set_already(response, "Content-Encoding");
	enum coding coding = by_coding ? coding_choose(http_header(request, "Accept-Encoding")) : CODING_NONE;
	// Also before a 304: its Content-Length must be that of the body it stands for. What has an ETag is compressed once.
	if (coding != CODING_NONE) {
		size_t smaller;
		const char *compressed = compress_body(exchange->server->compressor, request->arena, coding, etag, body, length, &smaller);
		body = compressed ? compressed : body;
		length = compressed ? smaller : length;
		coding = compressed ? coding : CODING_NONE;
	}
	if (etag)
		etag = etag_suffixed(request->arena, etag, coding_suffix(coding));
	const char *match = known_already(exchange, response, etag);
	if (match) {
		exchange->status = NOT_MODIFIED;
		etag = match;
	}
	bool silent = exchange->status == NOT_MODIFIED || exchange->status == NO_CONTENT || is_head(exchange);
	exchange->bytes = silent ? 0 : length;
	// libmicrohttpd does not send the body where there must be none, but says how long it would be.
	exchange->whole = body;
	exchange->whole_length = length;
	exchange->reply = MHD_create_response_from_buffer(length, (void *)body, MHD_RESPMEM_PERSISTENT);
	if (exchange->reply)
		add_headers(exchange, response, etag, coding, by_coding);
}

static void resume(struct exchange *exchange)
{
	if (!exchange->suspended)
		return;
	exchange->suspended = false;
	exchange->server->resumed = true;
	MHD_resume_connection(exchange->mhd);
}

void http_answer(struct http_request *request, const struct http_response *response)
{
	struct exchange *exchange = exchange_of(request);
	assert(exchange->state == EXCHANGE_HANDED);
	exchange->state = EXCHANGE_ANSWERED;
	exchange->status = response->status;
	if (!exchange->mhd) {
		// The client left. The caller may still look at its request, so it goes at the end of the turn.
		exchange->read_done = response->read ? response->read_done : NULL;
		exchange->source = response->source;
		exchange->next_gone = exchange->server->gone;
		exchange->server->gone = exchange;
		return;
	}
	if (response->read)
		make_stream(exchange, response);
	else
		make_whole(exchange, response);
	resume(exchange);
}

bool http_left(const struct http_request *request)
{
	const struct exchange *exchange = exchange_of(request);
	char byte;
	return !exchange->mhd || recv(exchange->connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void http_more(struct http_request *request)
{
	struct exchange *exchange = exchange_of(request);
	exchange->more = true;
	resume(exchange);
}

void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	struct http_server *server = exchange->server;
	if (exchange->read_done)
		exchange->read_done(exchange->source);
	server->large -= exchange->large;
	if (exchange->state >= EXCHANGE_ANSWERED) {
		server->in_flight--;
		if (server->calls.sent)
			server->calls.sent(&exchange->request, exchange->status, exchange->bytes, server->calls.argument);
	}
	// Once queued it is libmicrohttpd's.
	if (exchange->reply && exchange->state != EXCHANGE_QUEUED)
		MHD_destroy_response(exchange->reply);
	arena_free(exchange->request.arena);
}
