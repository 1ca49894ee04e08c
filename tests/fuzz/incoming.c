// incoming.c: any bytes as a mail that comes in.
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "mail/incoming.h"
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	static const struct secret_key key;
	if (!started) {
		mail_start();
		started = secret_start();
	}
	struct arena *arena = arena_new();
	struct incoming incoming;
	incoming_read(&incoming, (const char *)data, size, NULL, &key, arena);
	if (incoming_facts(&incoming, arena) == NULL)
		abort();
	arena_free(arena);
	return 0;
}
