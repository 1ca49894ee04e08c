// listen.c: the socket that connections come from.
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/drop.h"
#include "http/http.h"

enum { BACKLOG = 1024 };

static void drop_addresses(struct addrinfo **addresses)
{
	if (*addresses)
		freeaddrinfo(*addresses);
}

static int open_bound(const struct addrinfo *address, bool shared)
{
	int yes = 1, no = 0;
	DROP_FD int listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return -1;
	// A restarted server must not wait for the old connections to be forgotten.
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
		return -1;
	if (shared && setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0)
		return -1;
	// "::" is for IPv4 as well.
	if (address->ai_family == AF_INET6)
		setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if (bind(listener, address->ai_addr, address->ai_addrlen) != 0)
		return -1;
	return TAKE_FD(listener);
}

// Binding without SO_REUSEPORT fails where anybody listens, whatever they allow.
static bool is_free(const struct addrinfo *address)
{
	DROP_FD int probe = open_bound(address, false);
	return probe >= 0;
}

static int open_listener(const struct addrinfo *address, bool probe)
{
	if (probe && !is_free(address))
		return -1;
	DROP_FD int listener = open_bound(address, true);
	if (listener < 0 || listen(listener, BACKLOG) != 0)
		return -1;
	return TAKE_FD(listener);
}

// Tries the addresses of one family; 0 is any.
static int try_family(const struct addrinfo *addresses, int family, bool probe)
{
	int listener = -1;
	for (const struct addrinfo *address = addresses; address && listener < 0; address = address->ai_next)
		if (address->ai_family == family) {
			listener = open_listener(address, probe);
			if (listener < 0 && errno == EADDRINUSE)
				break;
		}
	return listener;
}

int http_listen(const char *host, const char *port, bool probe)
{
	bool everywhere = !host || !*host || strcmp(host, "*") == 0;
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	__attribute__((cleanup(drop_addresses))) struct addrinfo *addresses = NULL;
	if (getaddrinfo(everywhere ? NULL : host, port, &hints, &addresses) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	// "::" takes both families. A name that has both, like localhost, is more often asked for by IPv4.
	int first = everywhere ? AF_INET6 : AF_INET, second = everywhere ? AF_INET : AF_INET6;
	errno = EADDRNOTAVAIL;
	int listener = try_family(addresses, first, probe);
	if (listener < 0 && errno != EADDRINUSE && errno != EACCES)
		listener = try_family(addresses, second, probe);
	return listener;
}
