// mustache.h: a small Mustache renderer over jansson values, held to the public specification's cases
// (interpolation, sections, inverted, comments, partials with indentation, set delimiters, dotted names, lambdas as named functions).
//
// Room rules: uses base/. Knows nothing of our pages.
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct arena;
struct buffer;

struct mustache; // a parsed template, immutable, shared by threads

// `text` must outlive it. NULL and *why (a sentence with line) if it does not parse.
struct mustache *mustache_new(const char *text, struct arena *arena, const char **why);

struct mustache_scope; // the context stack during rendering
// Looks a (dotted) name up as the template would; borrowed, or NULL.
json_t *mustache_find(const struct mustache_scope *scope, const char *name);

// A section whose name is in this table and not in the context calls the function with its raw inner text trimmed; what it returns
// (arena) is written HTML-escaped. `render` renders the inner text first.
struct mustache_lambda {
	const char *name;
	char *(*call)(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena);
	bool render; // pass the inner text rendered (unescaped) instead of raw
};

struct mustache_options {
	const struct mustache *(*partial)(const char *name, void *argument); // NULL: renders as nothing
	const struct mustache_lambda *lambda; // NULL-named row ends it
	void *argument;
};
void mustache_render(const struct mustache *template, json_t *context, const struct mustache_options *options, struct buffer *out);
