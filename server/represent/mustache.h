// mustache.h: a small Mustache renderer over jansson values, held to the public specification's cases
// (interpolation, sections, inverted, comments, partials with indentation, set delimiters, dotted names, and the optional
// modules inheritance and dynamic names). Lambdas are named functions.
//
// Room rules: uses base/. Knows nothing of our pages.
//
// A later part of a dotted name may be a position in an array: `list.0`. False are: absent, null, false, "", 0 and []. `true` and false
// open no scope of their own. An object or array that is interpolated shows as compact JSON. What nests deeper than any sane template is
// left out rather than followed for ever.
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

// A section whose name is in this table calls the function with its inner text trimmed, whatever the context holds under that
// name; what it returns (arena; NULL is nothing) is written HTML-escaped unless `raw`.
struct mustache_lambda {
	const char *name;
	char *(*call)(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena);
	bool render; // pass the inner text rendered (unescaped) instead of its source
	bool raw;    // the result is HTML already
};

struct mustache_options {
	const struct mustache *(*partial)(const char *name, void *argument); // NULL: renders as nothing
	const struct mustache_lambda *lambda;                                // NULL-named row ends it; NULL: none
	void *argument;
	json_t *common;      // an object that is looked at last; may be NULL
	struct arena *arena; // for lambdas; needed only if there are any
	bool plain;          // the output is text, not HTML: nothing is escaped
};
void mustache_render(const struct mustache *template, json_t *context, const struct mustache_options *options, struct buffer *out);

// For lambdas: renders another template where the scope stands, with `top` on top of it.
void mustache_render_within(const struct mustache_scope *scope, const struct mustache *template, json_t *top, struct buffer *out);
