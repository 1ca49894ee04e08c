// http.h: requests in, responses out. The only room that knows libmicrohttpd.
//
// Room rules: uses loop/, base/. Knows nothing of operations, databases or pages.
//
// One http_server per loop; `handle` is called once the whole request is read (body within limits). It answers by
// http_answer, now or later, exactly once; until then the connection is suspended. The request and its arena live
// until the response is sent, and http frees them. A client that leaves early changes nothing for the handler.
//
// What goes beyond a limit, or is malformed in a way that others may read otherwise, is answered through `refuse`; what
// goes so far beyond that a connection has no memory for it (about 12 KB of head), or breaks libmicrohttpd's own grammar, gets
// libmicrohttpd's own 400, 414 or 431 and is closed. Bodies that come piece by piece are not compressed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct http_server;
struct loop;
struct networks;
struct problem;

struct http_limits {
	size_t max_uri;                  // bytes; more is 414
	size_t max_headers;              // bytes of all names and values; more is 431
	size_t max_body;                 // bytes; more is 413, unless http_room allows it
	unsigned max_connections;        // per loop
	unsigned max_connections_per_ip; // per loop; 0: no limit
	unsigned idle_seconds;
	const struct networks *proxies; // whose X-Forwarded-For is believed; NULL: nobody's
};
extern const struct http_limits http_default_limits;

struct http_request {
	struct arena *arena;
	struct loop *loop;
	const char *id;     // request id: the client's X-Request-Id if it is 8–64 of [A-Za-z0-9._-], else a fresh one
	const char *method; // as sent
	const char *path;   // as sent, still percent-encoded, without the query
	const char *query;  // after '?', as sent; "" if there is none
	const char *peer;   // the client's address, for logs and limits: what a proxy that is believed says, else the connection's
	const char *body;   // NUL added; "" if there is none
	size_t body_length;
	void *owner;        // the handler's own
	int64_t started_ns; // CLOCK_MONOTONIC
};

// A request header by name, any case; NULL if absent. Repeated ones are joined with ", ". Ask again later instead of keeping it: it lives
// until the handler returns, and moves when the client leaves.
const char *http_header(const struct http_request *request, const char *name);
// A cookie's value, or NULL.
const char *http_cookie(const struct http_request *request, const char *name);

struct http_response {
	int status;
	const char *type; // Content-Type, or NULL for no body
	const char *body; // lives in the request's arena or is static
	size_t body_length;
	const char *etag;  // strong, quoted, or NULL. http answers If-None-Match (304) for GET and HEAD, and suffixes it when it compresses
	const char *cache; // Cache-Control, or NULL for "no-store"
	// Further headers; values must not hold CR or LF.
	struct {
		const char *name, *value;
	} header[16];
	int headers;
	// A body that comes piece by piece (then `body` is NULL, and `body_length` how long it will be, 0 if that is not known): fills up to
	// `room` bytes; >0 bytes written, 0 nothing yet (http suspends until http_more), HTTP_END, HTTP_BROKEN (the connection is cut, so that
	// a client notices).
	long (*read)(void *source, char *into, size_t room);
	void (*read_done)(void *source); // once, whatever happened
	void *source;
};
enum { HTTP_END = -1, HTTP_BROKEN = -2 };

// Adds a header. One of the security headers, or Content-Encoding, set by the caller takes the place of http's own; Vary is joined.
void http_set(struct http_response *response, const char *name, const char *value);

// Sends it: adds Date, X-Request-Id, security headers (CSP, nosniff, Referrer-Policy, frame-ancestors), Vary,
// compresses text above 1 KB with br or gzip as accepted, turns it into 304 where the ETag matches, drops the body for HEAD.
void http_answer(struct http_request *request, const struct http_response *response);
void http_more(struct http_request *request); // a streaming source has bytes again
// Before the answer: whoever asked hung up, so that what takes long need not be done. (A suspended connection tells nobody by itself.)
bool http_left(const struct http_request *request);

// How large a body this request may have. Asked once its head is read, for one that is larger than limits.max_body; less than that is that.
typedef size_t http_room(const struct http_request *request, void *argument);
typedef void http_handle(struct http_request *request, void *argument);
// Called for what never becomes a request (URI or headers too long, body too large): make the answer for it.
typedef void http_refuse(struct http_request *request, const struct problem *why, void *argument);
// Called when a response was sent or its client left: for the access log. `status` is what went out.
typedef void http_sent(const struct http_request *request, int status, uint64_t bytes, void *argument);

struct http_calls {
	http_handle *handle;
	http_refuse *refuse;
	http_sent *sent; // may be NULL
	http_room *room; // may be NULL
	void *argument;
};

// A listening socket on host:port with SO_REUSEPORT; -1 and errno on failure. `probe` first makes sure that no other
// process listens there (EADDRINUSE), since SO_REUSEPORT would let us share its port silently.
int http_listen(const char *host, const char *port, bool probe);

// The listener is the server's from now on, also when this gives NULL.
struct http_server *http_server_new(struct loop *loop, int listener, const struct http_limits *limits, const struct http_calls *calls);
void http_server_quiesce(struct http_server *server); // no new connections; open requests go on
unsigned http_server_in_flight(const struct http_server *server);
void http_server_free(struct http_server *server); // all requests must have been answered
