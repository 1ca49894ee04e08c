// exchange.h: one request and its answer, as the files of http/ share it.
//
// Room rules: of http/ alone. Everything here belongs to one loop's thread. An exchange lives in its request's arena.
#pragma once

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/problem.h"
#include "http/http.h"

struct compressor; // compress.h

enum {
	// What libmicrohttpd takes from a connection's memory for each header, and what must be left for ours.
	HEADER_OVERHEAD = 64,
	RESPONSE_ROOM = 2560,
};

// A connection that is open: in the server's list, those that have waited longest first.
struct connection {
	struct connection *before, *next;
	struct http_server *server;
	int socket;
	struct exchange *exchange; // what is being read or answered; NULL: waiting for a request
	int64_t since;             // ms: of the last change between waiting and not
	char peer[INET6_ADDRSTRLEN];
};

struct http_server {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct http_limits limits;
	struct http_calls calls;
	size_t pool; // bytes of memory a connection has in libmicrohttpd
	int listener;
	int epoll;
	bool quiesced;
	bool resumed; // something waits for MHD_run that no descriptor tells of
	bool handed;  // a handler was called since this turn's end began: what it queued may wait to be flushed
	unsigned in_flight;
	unsigned large; // of them, those with a larger body than usual
	unsigned connections;
	struct connection *longest, *latest;
	struct exchange *gone; // answered after the client left: freed at the end of the turn
	uint64_t sweep;        // timer
	int64_t swept;         // ms: when it last ran
	uint64_t id_base;      // request ids: random, then counted
	uint64_t id_count;
	struct compressor *compressor;
};

enum exchange_state {
	EXCHANGE_HEAD,     // reading headers
	EXCHANGE_BODY,     // reading the body
	EXCHANGE_HANDED,   // the handler has it
	EXCHANGE_ANSWERED, // `reply` is made
	EXCHANGE_QUEUED,   // and libmicrohttpd sends it
};

struct header {
	const char *name, *value;
};

struct exchange {
	struct http_request request; // first, so that a request is its exchange
	struct http_server *server;
	struct connection *connection;
	struct MHD_Connection *mhd; // NULL when the client left while the handler had it
	enum exchange_state state;
	bool suspended;
	bool large;
	bool early; // answered before its body is read, which costs the connection
	struct problem why;
	struct header *header;
	int headers;
	size_t target_length;
	struct buffer body;
	uint64_t body_seen;
	size_t max_body; // what its body may have; 0: not found out yet, the usual
	// The answer.
	struct MHD_Response *reply;
	const char *whole; // its body, unless it is a stream
	size_t whole_length;
	int status;
	uint64_t bytes;
	long (*read)(void *source, char *into, size_t room);
	void (*read_done)(void *source);
	void *source;
	bool more; // http_more was called while `read` ran
	struct exchange *next_gone;
};

static inline struct exchange *exchange_of(const struct http_request *request)
{
	return (struct exchange *)request;
}

// server.c
void exchange_hand_over(struct exchange *exchange); // to the handler, or to be refused

// connection.c
void connection_notify(void *server, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void connection_begin(struct connection *connection, struct exchange *exchange);
void connection_end(struct connection *connection);
void connections_sweep(void *server); // a timer: cuts off who is slower than the limits allow

// request.c
struct exchange *exchange_new(struct connection *connection, struct MHD_Connection *mhd, const char *target);
void exchange_read_head(struct exchange *exchange, const char *method, const char *version);
void exchange_read_nothing(struct exchange *exchange); // instead: libmicrohttpd itself refused the request
// False where the client sends so much beyond its limit that it is not worth reading on.
bool exchange_add_body(struct exchange *exchange, const char *bytes, size_t length);
// The connection's memory goes: what a handler may still read is copied out of it.
void exchange_outlive_client(struct exchange *exchange);
bool exchange_is_safe(const struct exchange *exchange); // GET or HEAD

// respond.c
void exchange_free(struct exchange *exchange); // its request was answered or never handed out; NULL is fine
