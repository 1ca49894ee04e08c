// mustache.c: any text as a template, and as every partial of itself.
#include "represent/mustache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

enum { MAX_PARTIALS = 40 };

struct input {
	const struct mustache *template;
	int partials;
};

static const struct mustache *itself(const char *name, void *argument)
{
	(void)name;
	struct input *input = argument;
	return input->partials++ < MAX_PARTIALS ? input->template : NULL;
}

static char *find(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)argument;
	return arena_print(arena, "%s %p", inner, (void *)mustache_find(scope, inner));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mustache_lambda lambdas[] = {{"f", find, false, false}, {"g", find, true, true}, {NULL}};
	static json_t *context;
	if (!context)
		context =
		    json_loads("{\"a\": {\"b\": [1, {\"c\": \"<\\n>\"}, \"x\"]}, \"c\": true, \"d\": null, \"e\": 0.5, \"h\": \"p\"}", 0, NULL);
	struct arena *arena = arena_new();
	const char *why = NULL;
	struct input input = {.template = mustache_new(arena_slice(arena, data, size), arena, &why)};
	if (!input.template != !!why)
		abort();
	if (input.template) {
		struct mustache_options options = {.partial = itself, .lambda = lambdas, .argument = &input, .arena = arena};
		struct buffer out;
		buffer_init(&out, arena);
		mustache_render(input.template, context, &options, &out);
	}
	arena_free(arena);
	return 0;
}
