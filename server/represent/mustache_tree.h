// mustache_tree.h: what a template is once parsed; shared by mustache_parse.c (which makes it) and mustache_render.c.
//
// Room rules: private to these two. Everything lives in the arena given to mustache_new, except `inner` slices, which point into its text.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *text;
	size_t length;
};

enum mustache_kind {
	NODE_TEXT,
	NODE_ESCAPED,  // {{name}}
	NODE_RAW,      // {{{name}}} and {{&name}}
	NODE_SECTION,  // {{#name}}
	NODE_INVERTED, // {{^name}}
	NODE_PARTIAL,  // {{>name}}
	NODE_PARENT,   // {{<name}}: its children are the blocks that it overrides
	NODE_BLOCK,    // {{$name}}
};

struct mustache_node {
	enum mustache_kind kind;
	bool opens_line; // text: it begins where a source line begins, so that a partial's indentation goes before it
	bool ends_open;  // text: so does whatever follows its last newline
	bool dynamic;    // partial and parent: the name is looked up in the context
	bool standalone; // partial, parent, block: alone on its line
	int parts;       // of the dotted name; 0 is "."
	struct slice *part;
	struct slice text;   // text: what to write; else the whole name
	struct slice inner;  // section: the raw source between its tags, trimmed
	struct slice indent; // partial, parent, block: what its lines are indented with
	struct mustache_node *child;
	struct mustache_node *next;
};

struct mustache {
	struct mustache_node *first;
};
