// networks.c: addresses of the network, and the proxies we know among them.
#include "base/networks.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static bool address_read(struct network *network, const char *text)
{
	for (int i = 0; i < 2; i++) {
		network->family = i == 0 ? AF_INET : AF_INET6;
		network->bits = i == 0 ? 32 : 128;
		if (inet_pton(network->family, text, network->bytes) == 1)
			return true;
	}
	return false;
}

static bool network_read(struct network *network, const char *text, struct arena *arena)
{
	size_t length = strcspn(text, "/");
	if (!address_read(network, arena_slice(arena, text, length)))
		return false;
	if (text[length] == '\0')
		return true;
	char *end;
	long bits = strtol(text + length + 1, &end, 10);
	if (text[length + 1] == '\0' || *end != '\0' || bits < 0 || bits > network->bits)
		return false;
	network->bits = (int)bits;
	return true;
}

bool networks_read(struct networks *networks, const char *list, struct arena *arena, const char **why)
{
	*networks = (struct networks){0};
	while (list != NULL && *(list += strspn(list, ", ")) != '\0') {
		size_t length = strcspn(list, ", ");
		const char *text = arena_slice(arena, list, length);
		if (networks->count == NETWORKS_MOST) {
			*why = arena_print(arena, "More than %d networks of proxies are not counted apart: join them.", NETWORKS_MOST);
			return false;
		}
		if (!network_read(&networks->network[networks->count++], text, arena)) {
			*why = arena_print(arena, "\"%s\" is no address or network, such as 127.0.0.1 or 10.0.0.0/8.", text);
			return false;
		}
		list += length;
	}
	return true;
}

static bool holds(const struct network *network, const struct network *address)
{
	int whole = network->bits / 8, rest = network->bits % 8;
	if (network->family != address->family || memcmp(network->bytes, address->bytes, (size_t)whole) != 0)
		return false;
	return rest == 0 || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool networks_hold(const struct networks *networks, const char *address)
{
	struct network one = {0};
	if (!address_read(&one, address))
		return false;
	for (int i = 0; i < networks->count; i++) {
		if (holds(&networks->network[i], &one))
			return true;
	}
	return false;
}

const char *networks_client(const struct networks *networks, const char *peer, const char *forwarded, struct arena *arena)
{
	const char *client = peer;
	size_t length = forwarded ? strlen(forwarded) : 0;
	while (length > 0 && networks_hold(networks, client)) {
		size_t end = length;
		while (length > 0 && strchr(", ", forwarded[length - 1]) == NULL)
			length--;
		struct network one;
		const char *before = arena_slice(arena, forwarded + length, end - length);
		if (end > length && !address_read(&one, before))
			break;
		if (end > length)
			client = before;
		while (length > 0 && strchr(", ", forwarded[length - 1]) != NULL)
			length--;
	}
	return client;
}
