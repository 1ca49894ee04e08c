// server.c: libmicrohttpd on our loop: when it runs, and what it is told at each step of a request.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/compress.h"
#include "http/exchange.h"
#include "loop/loop.h"

enum {
	// A connection's memory beside its request's head: libmicrohttpd's records of the headers, and our response's.
	POOL_SPARE = 3 * 1024,
	MAX_ROUNDS = 4,    // of MHD_run at a turn's end: enough for read, suspend, answer, write
	MAX_LARGE = 2,     // requests with a large body that are handled at once
	LARGE_SECONDS = 3, // after which one more may be
};

const struct http_limits http_default_limits = {
    .max_uri = 4 * 1024,
    .max_headers = 6 * 1024,
    .max_body = 1024 * 1024,
    .max_connections = 4096,
    .max_connections_per_ip = 0,
    .idle_seconds = 60,
};

// libmicrohttpd has the request line; nothing of it is decoded yet.
static void *begin(void *argument, const char *target, struct MHD_Connection *mhd)
{
	(void)argument;
	struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct exchange *exchange = exchange_new(connection, mhd, target);
	connection_begin(connection, exchange);
	// The query is the contract's to read. Ending it here keeps libmicrohttpd (0.9) from taking it apart into records that a
	// connection's memory may be too small for; where that changes nothing, nothing is lost.
	char *query = strchr(target, '?');
	if (query)
		query[1] = '\0';
	return exchange;
}

// The path stays as sent: %2F is not a separator.
static size_t leave_escaped(void *argument, struct MHD_Connection *mhd, char *text)
{
	(void)argument;
	(void)mhd;
	return strlen(text);
}

// Whoever handles a large body takes many times its bytes, for as long as it takes: the others are asked to come again.
static void take_large(struct exchange *exchange)
{
	struct http_server *server = exchange->server;
	if (exchange->body.length <= server->limits.max_body || exchange->why.kind != PROBLEM_NONE)
		return;
	if (server->large >= MAX_LARGE) {
		refuse(&exchange->why, PROBLEM_BUSY, "Other large files are being read. Try again in a moment.", "busy");
		exchange->why.retry_after = LARGE_SECONDS;
		return;
	}
	exchange->large = true;
	server->large++;
}

void exchange_hand_over(struct exchange *exchange)
{
	struct http_server *server = exchange->server;
	take_large(exchange);
	exchange->state = EXCHANGE_HANDED;
	server->in_flight++;
	server->handed = true;
	if (exchange->why.kind == PROBLEM_NONE)
		server->calls.handle(&exchange->request, server->calls.argument);
	else
		server->calls.refuse(&exchange->request, &exchange->why, server->calls.argument);
}

static enum MHD_Result queue_reply(struct exchange *exchange)
{
	if (!exchange->reply)
		return MHD_NO;
	exchange->state = EXCHANGE_QUEUED;
	enum MHD_Result queued = MHD_queue_response(exchange->mhd, (unsigned)exchange->status, exchange->reply);
	MHD_destroy_response(exchange->reply); // the connection has its own hold on it
	return queued;
}

static void suspend(struct exchange *exchange)
{
	exchange->suspended = true;
	MHD_suspend_connection(exchange->mhd);
}

// Called once the headers are there, for each piece of the body, at its end, and then whenever libmicrohttpd looks again.
static enum MHD_Result step(void *argument, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_length, void **context)
{
	(void)argument;
	(void)mhd;
	(void)url;
	struct exchange *exchange = *context;
	switch (exchange->state) {
	case EXCHANGE_HEAD:
		exchange_read_head(exchange, method, version);
		// A response queued now costs the connection, so only what deserves that is answered before the request's end.
		if (!exchange->early)
			return MHD_YES;
		exchange_hand_over(exchange);
		if (exchange->state == EXCHANGE_ANSWERED)
			return queue_reply(exchange);
		suspend(exchange);
		return MHD_YES;
	case EXCHANGE_BODY:
		if (*upload_length) {
			bool read_on = exchange_add_body(exchange, upload, *upload_length);
			*upload_length = 0;
			return read_on ? MHD_YES : MHD_NO;
		}
		exchange_hand_over(exchange);
		// Not answered at once: it is suspended when libmicrohttpd looks again. Suspended here, it would try to read from the
		// client before it sends the answer, and take one that only closed its sending side for gone.
		return exchange->state == EXCHANGE_ANSWERED ? queue_reply(exchange) : MHD_YES;
	case EXCHANGE_HANDED:
		suspend(exchange);
		return MHD_YES;
	case EXCHANGE_ANSWERED:
		return queue_reply(exchange);
	case EXCHANGE_QUEUED:
		break;
	}
	return MHD_YES;
}

// The answer is sent, or can't be. The connection may have further requests.
static void end(void *argument, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
	(void)argument;
	(void)mhd;
	(void)code;
	struct exchange *exchange = *context;
	*context = NULL;
	if (!exchange)
		return;
	connection_end(exchange->connection);
	exchange_outlive_client(exchange);
	// The handler will still answer what it has; http_answer then knows that nobody listens.
	if (exchange->state != EXCHANGE_HANDED)
		exchange_free(exchange);
}

static int64_t wait_of(const struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;
	if (server->resumed)
		return 0;
	return MHD_get_timeout(server->daemon, &milliseconds) == MHD_YES ? (int64_t)milliseconds : -1;
}

static void run(struct http_server *server)
{
	server->resumed = false;
	MHD_run(server->daemon);
}

static void ready(void *argument, unsigned events)
{
	(void)events;
	run(argument);
}

static void free_gone(struct http_server *server)
{
	for (struct exchange *next, *exchange = server->gone; exchange; exchange = next) {
		next = exchange->next_gone;
		exchange_free(exchange);
	}
	server->gone = NULL;
}

static void end_turn(void *argument)
{
	struct http_server *server = argument;
	server->handed = false;
	for (int round = 0; round < MAX_ROUNDS && wait_of(server) == 0; round++)
		run(server);
	free_gone(server);
}

static int64_t limit_sleep(void *argument)
{
	const struct http_server *server = argument;
	// What a handler called at this turn's end has queued elsewhere may have missed its flush.
	return server->handed ? 0 : wait_of(server);
}

static struct MHD_Daemon *start(struct http_server *server)
{
	const struct http_limits *limits = &server->limits;
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, step, server, MHD_OPTION_LISTEN_SOCKET,
	    (MHD_socket)server->listener, MHD_OPTION_CONNECTION_MEMORY_LIMIT, server->pool, MHD_OPTION_CONNECTION_LIMIT,
	    limits->max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->max_connections_per_ip, MHD_OPTION_CONNECTION_TIMEOUT,
	    limits->idle_seconds, MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server, MHD_OPTION_NOTIFY_COMPLETED, end, server,
	    MHD_OPTION_URI_LOG_CALLBACK, begin, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server, MHD_OPTION_END);
}

struct http_server *http_server_new(struct loop *loop, int listener, const struct http_limits *limits, const struct http_calls *calls)
{
	struct http_server *server = calloc(1, sizeof *server);
	if (!server)
		abort();
	*server = (struct http_server){.loop = loop,
	    .listener = listener,
	    .limits = *limits,
	    .calls = *calls,
	    .pool = limits->max_uri + limits->max_headers + POOL_SPARE,
	    .epoll = -1};
	if (getentropy(&server->id_base, sizeof server->id_base) != 0)
		abort();
	server->compressor = compressor_new();
	server->daemon = start(server);
	const union MHD_DaemonInfo *info = server->daemon ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info || !loop_watch(loop, info->epoll_fd, EPOLLIN, ready, server)) {
		http_server_free(server);
		return NULL;
	}
	server->epoll = info->epoll_fd;
	loop_each_turn(loop, end_turn, server);
	loop_limit_sleep(loop, limit_sleep, server);
	connections_sweep(server);
	return server;
}

void http_server_quiesce(struct http_server *server)
{
	if (server->quiesced)
		return;
	// Whoever the kernel has let in already is served.
	run(server);
	server->quiesced = true;
	MHD_quiesce_daemon(server->daemon);
	close(server->listener);
}

unsigned http_server_in_flight(const struct http_server *server)
{
	return server->in_flight;
}

// libmicrohttpd must not be stopped with suspended connections.
static void resume_all(struct http_server *server)
{
	for (struct connection *connection = server->longest; connection; connection = connection->next)
		if (connection->exchange && connection->exchange->suspended) {
			connection->exchange->suspended = false;
			MHD_resume_connection(connection->exchange->mhd);
		}
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	loop_cancel(server->loop, server->sweep);
	loop_leave_turns(server->loop, server);
	loop_forget(server->loop, server->epoll);
	if (server->daemon) {
		resume_all(server);
		MHD_stop_daemon(server->daemon); // closes the listener, unless we did
	} else {
		close(server->listener);
	}
	free_gone(server);
	compressor_free(server->compressor);
	free(server);
}
