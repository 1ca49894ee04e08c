// connection.c: who is connected, since when they have been waiting or dawdling, and whose turn it is to go.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/exchange.h"
#include "loop/loop.h"

enum {
	SWEEP_PARTS = 4,   // sweeps at least in the time a client may idle
	MAX_SWEEP = 1000,  // ms between two
	BODY_PATIENCE = 5, // a body may take this many times as long as its headers
};

static void unlink_connection(struct connection *connection)
{
	struct http_server *server = connection->server;
	*(connection->before ? &connection->before->next : &server->longest) = connection->next;
	*(connection->next ? &connection->next->before : &server->latest) = connection->before;
}

static void link_latest(struct connection *connection)
{
	struct http_server *server = connection->server;
	connection->before = server->latest;
	connection->next = NULL;
	*(server->latest ? &server->latest->next : &server->longest) = connection;
	server->latest = connection;
}

static void touch(struct connection *connection, struct exchange *exchange)
{
	connection->exchange = exchange;
	connection->since = loop_now(connection->server->loop);
	unlink_connection(connection);
	link_latest(connection);
}

void connection_begin(struct connection *connection, struct exchange *exchange)
{
	touch(connection, exchange);
}

void connection_end(struct connection *connection)
{
	touch(connection, NULL);
}

// libmicrohttpd notices and closes it in its own time.
static void hang_up(const struct connection *connection)
{
	shutdown(connection->socket, SHUT_RDWR);
}

static void write_peer(struct connection *connection, const struct sockaddr *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, connection->peer, sizeof connection->peer);
	} else if (address->sa_family == AF_INET6) {
		const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
		bool four = memcmp(six, mapped, sizeof mapped) == 0;
		inet_ntop(four ? AF_INET : AF_INET6, four ? (const void *)(six->s6_addr + sizeof mapped) : six, connection->peer,
		    sizeof connection->peer);
	}
}

static void connection_open(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		abort();
	connection->server = server;
	connection->since = loop_now(server->loop);
	connection->socket = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	write_peer(connection, MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
	link_latest(connection);
	*context = connection;
	// Nearly full: who has waited longest without asking makes room, so that new ones need not wait unanswered.
	if (++server->connections >= server->limits.max_connections - server->limits.max_connections / 10) {
		struct connection *longest = server->longest;
		while (longest != connection && longest->exchange)
			longest = longest->next;
		if (longest != connection)
			hang_up(longest);
	}
}

void connection_notify(void *argument, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = argument;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_open(server, mhd, context);
	} else {
		unlink_connection(*context);
		server->connections--;
		free(*context);
		*context = NULL;
	}
}

// libmicrohttpd's own timeout starts again with each byte; these don't, so that a byte now and then holds nothing open.
static bool is_too_slow(const struct connection *connection, int64_t patience, int64_t now)
{
	const struct exchange *exchange = connection->exchange;
	if (exchange && exchange->state > EXCHANGE_BODY)
		return false;
	return now - connection->since > (exchange && exchange->state == EXCHANGE_BODY ? patience * BODY_PATIENCE : patience);
}

// libmicrohttpd 0.9 takes a short read for the last there is to read, and misses an end that came with the request: epoll tells of
// it once. So whoever began to wait since the last sweep is looked at here.
static bool has_left_unseen(const struct connection *connection)
{
	char byte;
	return !connection->exchange && recv(connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void connections_sweep(void *argument)
{
	struct http_server *server = argument;
	int64_t patience = (int64_t)server->limits.idle_seconds * 1000, now = loop_now(server->loop);
	for (const struct connection *connection = server->longest; connection; connection = connection->next)
		if (is_too_slow(connection, patience, now))
			hang_up(connection);
	for (const struct connection *connection = server->latest; connection && connection->since >= server->swept;
	     connection = connection->before)
		if (has_left_unseen(connection))
			hang_up(connection);
	server->swept = now;
	server->sweep =
	    loop_after(server->loop, patience / SWEEP_PARTS < MAX_SWEEP ? patience / SWEEP_PARTS : MAX_SWEEP, connections_sweep, server);
}
