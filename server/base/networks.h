// networks.h: which proxies in front of us are believed, and whose request it is that they hand on.
//
// Room rules: libc, arena.
#pragma once

#include <stdbool.h>

struct arena;

enum { NETWORKS_MOST = 16 };

struct networks {
	int count;
	struct network {
		unsigned char bytes[16];
		int family; // AF_INET or AF_INET6
		int bits;   // how many of its first bits count
	} network[NETWORKS_MOST];
};

// Reads "127.0.0.1, 10.0.0.0/8, fd00::/8". NULL and "" are no networks. False: *why is a sentence, from `arena`.
bool networks_read(struct networks *networks, const char *list, struct arena *arena, const char **why);
bool networks_hold(const struct networks *networks, const char *address);

// The client's address: the connection's `peer`, unless that is one of our proxies and says in `forwarded` (X-Forwarded-For, NULL if
// absent) who asked it. The list is read from its end, where our own proxies wrote: what stands before the first address that is none of
// ours, anybody may have written.
const char *networks_client(const struct networks *networks, const char *peer, const char *forwarded, struct arena *arena);
