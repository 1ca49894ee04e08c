// request.c: what was asked, and whether it was asked in a way that nobody between us can read otherwise.
//
// libmicrohttpd reads generously. What two servers may read differently (two lengths, a length and chunks, folded lines)
// is how a request is smuggled past a proxy, so it is refused here. RFC 9112 §3.2, §5.2, §6.3.
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/networks.h"
#include "http/exchange.h"
#include "loop/loop.h"

enum {
	MIN_ID = 8,
	MAX_ID = 64,
	DRAIN = 16 * 1024 * 1024, // how much beyond its limit a body is read and forgotten, so that its sender sees the answer
};

static const char id_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
static const char token_bytes[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char host_bytes[] = "-._~%!$&'()*+,;=:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_made_of(const char *text, const char *bytes)
{
	return *text && text[strspn(text, bytes)] == '\0';
}

static bool has_controls(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return true;
	return false;
}

// The first thing wrong with it is what is answered.
static void blame(struct exchange *exchange, enum problem_kind kind, const char *detail)
{
	if (exchange->why.kind == PROBLEM_NONE)
		refuse(&exchange->why, kind, detail, kind == PROBLEM_TOO_LARGE ? "body_too_large" : NULL); // which people bring about, by a file
}

// After this the connection can't be trusted to begin its next request where we think.
static void blame_framing(struct exchange *exchange, const char *detail)
{
	blame(exchange, PROBLEM_BAD_REQUEST, detail);
	exchange->early = true;
}

static int64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// The target is a path with a query, the same with "http://host" before it, or "*". RFC 9112 §3.2.
static void split_target(struct exchange *exchange, char *target)
{
	struct http_request *request = &exchange->request;
	exchange->target_length = strlen(target);
	if (exchange->target_length > exchange->server->limits.max_uri)
		blame(exchange, PROBLEM_URI_TOO_LONG, "The address is longer than this server reads.");
	char *scheme_end = *target == '/' ? NULL : strstr(target, "://");
	if (scheme_end && (strncasecmp(target, "http:", 5) == 0 || strncasecmp(target, "https:", 6) == 0)) {
		target = scheme_end + 3 + strcspn(scheme_end + 3, "/?");
		request->path = *target == '/' ? target : "/";
	} else {
		request->path = target;
		if (*target != '/' && strcmp(target, "*") != 0)
			blame_framing(exchange, "The address must be a path.");
	}
	if (strchr(target, ' ') || has_controls(target))
		blame_framing(exchange, "The address must not hold spaces or control characters.");
	char *query = strchr(target, '?');
	request->query = query ? query + 1 : "";
	if (query)
		*query = '\0';
}

struct exchange *exchange_new(struct connection *connection, struct MHD_Connection *mhd, const char *target)
{
	struct arena *arena = arena_new();
	struct exchange *exchange = arena_alloc(arena, sizeof *exchange);
	exchange->server = connection->server;
	exchange->connection = connection;
	exchange->mhd = mhd;
	exchange->request = (struct http_request){.arena = arena,
	    .loop = connection->server->loop,
	    .peer = arena_copy(arena, connection->peer),
	    .body = "",
	    .started_ns = nanoseconds()};
	split_target(exchange, arena_copy(arena, target));
	return exchange;
}

struct head {
	struct exchange *exchange;
	size_t bytes;  // of names and values, as the limit counts them
	size_t memory; // of libmicrohttpd's, as far as we can know it
	bool odd;      // a line that others may read otherwise
};

// libmicrohttpd 0.9 joins a folded line to the header's *name* and takes bare LF for CRLF; both can be seen by where name and
// value lie in its buffer. Later versions refuse folding and may lay out their memory otherwise.
static bool is_one_line(const char *name, size_t name_length, const char *value, size_t value_length)
{
#if MHD_VERSION < 0x01000000
	const char *colon = name + name_length;
	if (value <= colon || (size_t)(value - colon) > 1024)
		return false;
	for (const char *space = colon + 1; space < value; space++)
		if (*space != ' ' && *space != '\t')
			return false;
	return value[value_length] == '\0' && value[value_length + 1] == '\0';
#else
	return strlen(name) == name_length && strlen(value) == value_length;
#endif
}

static enum MHD_Result note_header(
    void *argument, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value, size_t value_length)
{
	(void)kind;
	struct head *head = argument;
	struct exchange *exchange = head->exchange;
	head->bytes += name_length + value_length;
	head->memory += name_length + value_length + 4 + HEADER_OVERHEAD;
	if (!value || !is_one_line(name, name_length, value, value_length) || !is_made_of(name, token_bytes) || has_controls(value)) {
		head->odd = true;
		return MHD_NO;
	}
	// It has made a copy of the cookies and a record of each.
	if (strcasecmp(name, "Cookie") == 0) {
		head->memory += value_length + HEADER_OVERHEAD;
		for (const char *at = value; (at = strpbrk(at, ";,")); at++)
			head->memory += HEADER_OVERHEAD;
	}
	size_t trimmed = value_length;
	while (trimmed && (value[trimmed - 1] == ' ' || value[trimmed - 1] == '\t'))
		trimmed--;
	exchange->header[exchange->headers++] =
	    (struct header){name, trimmed == value_length ? value : arena_slice(exchange->request.arena, value, trimmed)};
	return MHD_YES;
}

// How often it is there; the first one's value.
static int count_header(const struct exchange *exchange, const char *name, const char **value)
{
	int count = 0;
	*value = NULL;
	for (int i = exchange->headers - 1; i >= 0; i--)
		if (strcasecmp(exchange->header[i].name, name) == 0) {
			*value = exchange->header[i].value;
			count++;
		}
	return count;
}

// Whether a body of so many bytes is too large. Only what is larger than usual is asked about, and once.
static bool is_too_large(struct exchange *exchange, uint64_t bytes)
{
	const struct http_server *server = exchange->server;
	if (bytes <= server->limits.max_body)
		return false;
	if (!exchange->max_body) {
		exchange->max_body = server->calls.room ? server->calls.room(&exchange->request, server->calls.argument) : 0;
		if (exchange->max_body < server->limits.max_body)
			exchange->max_body = server->limits.max_body;
	}
	return bytes > exchange->max_body;
}

static void check_framing(struct exchange *exchange, bool is_1_0)
{
	const char *length, *transfer, *host, *expect;
	int lengths = count_header(exchange, "Content-Length", &length), transfers = count_header(exchange, "Transfer-Encoding", &transfer);
	int hosts = count_header(exchange, "Host", &host);
	if (lengths > 1 || transfers > 1 || (lengths && transfers))
		blame_framing(exchange, "The request says more than once how long its body is.");
	if (transfers && (is_1_0 || strcasecmp(transfer, "chunked") != 0))
		blame_framing(exchange, "The only transfer coding this server reads is chunked.");
	if (hosts > 1 || (!hosts && !is_1_0) || (hosts && !is_made_of(host, host_bytes)))
		blame_framing(exchange, "The request must name one host.");
	uint64_t announced = length ? strtoull(length, NULL, 10) : 0;
	if (is_too_large(exchange, announced)) {
		blame(exchange, PROBLEM_TOO_LARGE, "The body is larger than this server takes.");
		// A client that asks first, or would send for minutes, is told now.
		if (announced > exchange->max_body + DRAIN)
			exchange->early = true;
	}
	if (exchange->why.kind != PROBLEM_NONE && count_header(exchange, "Expect", &expect))
		exchange->early = true;
}

static void choose_id(struct exchange *exchange)
{
	const char *theirs = http_header(&exchange->request, "X-Request-Id");
	if (theirs && strlen(theirs) >= MIN_ID && strlen(theirs) <= MAX_ID && is_made_of(theirs, id_bytes)) {
		exchange->request.id = arena_copy(exchange->request.arena, theirs);
		return;
	}
	struct http_server *server = exchange->server;
	enum { DIGITS = 24, COUNTED = 8 };
	char *id = arena_alloc(exchange->request.arena, DIGITS + 1);
	uint64_t count = ++server->id_count;
	for (int i = 0; i < DIGITS; i++) {
		uint64_t bits = i < DIGITS - COUNTED ? server->id_base >> 4 * i : count >> 4 * (DIGITS - 1 - i);
		id[i] = "0123456789abcdef"[bits & 15];
	}
	exchange->request.id = id;
}

// libmicrohttpd has read the whole head; its texts stay where they are until the answer is sent or the client leaves. What a handler may
// keep a pointer to is copied at once, since it could not be told that it moved.
void exchange_read_head(struct exchange *exchange, const char *method, const char *version)
{
	const struct http_server *server = exchange->server;
	struct head head = {.exchange = exchange, .memory = exchange->target_length};
	int count = MHD_get_connection_values(exchange->mhd, MHD_HEADER_KIND, NULL, NULL);
	exchange->header = arena_alloc(exchange->request.arena, (size_t)count * sizeof *exchange->header);
	exchange->request.method = arena_copy(exchange->request.arena, method);
	MHD_get_connection_values_n(exchange->mhd, MHD_HEADER_KIND, note_header, &head);
	choose_id(exchange);
	if (server->limits.proxies)
		exchange->request.peer = networks_client(
		    server->limits.proxies, exchange->request.peer, http_header(&exchange->request, "X-Forwarded-For"), exchange->request.arena);
#if MHD_VERSION < 0x01000000
	head.odd = head.odd || version[8] != '\0' || version[9] != '\0'; // a bare LF after the request line
#endif
	if (head.odd || !is_made_of(method, token_bytes))
		blame_framing(exchange, "The request's head is malformed.");
	if (head.bytes > server->limits.max_headers || head.memory + RESPONSE_ROOM > server->pool)
		blame(exchange, PROBLEM_HEADERS_TOO_BIG, "The headers are larger than this server reads.");
	check_framing(exchange, strcmp(version, "HTTP/1.0") == 0);
	buffer_init(&exchange->body, exchange->request.arena);
	exchange->state = EXCHANGE_BODY;
}

void exchange_read_nothing(struct exchange *exchange)
{
	exchange->request.method = "-";
	choose_id(exchange);
}

bool exchange_add_body(struct exchange *exchange, const char *bytes, size_t length)
{
	exchange->body_seen += length;
	if (is_too_large(exchange, exchange->body_seen))
		blame(exchange, PROBLEM_TOO_LARGE, "The body is larger than this server takes.");
	if (exchange->why.kind != PROBLEM_NONE)
		return exchange->body_seen <= (exchange->max_body ? exchange->max_body : exchange->server->limits.max_body) + DRAIN;
	buffer_add(&exchange->body, bytes, length);
	exchange->request.body = exchange->body.data;
	exchange->request.body_length = exchange->body.length;
	return true;
}

void exchange_outlive_client(struct exchange *exchange)
{
	struct arena *arena = exchange->request.arena;
	exchange->mhd = NULL;
	exchange->connection = NULL;
	exchange->suspended = false;
	if (exchange->state != EXCHANGE_HANDED)
		return;
	for (int i = 0; i < exchange->headers; i++)
		exchange->header[i] = (struct header){arena_copy(arena, exchange->header[i].name), arena_copy(arena, exchange->header[i].value)};
}

bool exchange_is_safe(const struct exchange *exchange)
{
	return strcmp(exchange->request.method, "GET") == 0 || strcmp(exchange->request.method, "HEAD") == 0;
}

const char *http_header(const struct http_request *request, const char *name)
{
	const struct exchange *exchange = exchange_of(request);
	const char *value;
	int count = count_header(exchange, name, &value);
	if (count < 2)
		return value;
	struct buffer joined;
	buffer_init(&joined, request->arena);
	for (int i = 0; i < exchange->headers; i++)
		if (strcasecmp(exchange->header[i].name, name) == 0)
			buffer_print(&joined, "%s%s", joined.length ? ", " : "", exchange->header[i].value);
	return joined.data;
}

// RFC 6265 §5.4 has one header of pairs; some clients and HTTP/2 proxies split it.
const char *http_cookie(const struct http_request *request, const char *name)
{
	const struct exchange *exchange = exchange_of(request);
	size_t name_length = strlen(name);
	for (int i = 0; i < exchange->headers; i++) {
		if (strcasecmp(exchange->header[i].name, "Cookie") != 0)
			continue;
		for (const char *at = exchange->header[i].value; *at;) {
			at += strspn(at, "; ");
			size_t length = strcspn(at, ";");
			if (strncmp(at, name, name_length) == 0 && at[name_length] == '=') {
				const char *value = at + name_length + 1;
				size_t value_length = length - name_length - 1;
				while (value_length && value[value_length - 1] == ' ')
					value_length--;
				bool quoted = value_length >= 2 && value[0] == '"' && value[value_length - 1] == '"';
				return arena_slice(request->arena, value + quoted, value_length - 2 * (size_t)quoted);
			}
			at += length;
		}
	}
	return NULL;
}
