// mustache_render.c: a tree and a context to text.
#include "represent/mustache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/html.h"
#include "represent/mustache_tree.h"

enum {
	MAX_DEPTH = 300,         // nodes within nodes within partials
	MAX_EXPANSIONS = 100000, // partials and parents of one page: recursion that branches ends too
	MAX_INDENT = 200,        // columns
};

// The blocks that a parent tag overrides. The outermost that overrides a name wins.
struct overrides {
	const struct mustache_node *first;
	const struct overrides *outer;
};

// What the first line of an overriding block does about its indentation.
enum lead { LEAD_NONE, LEAD_SKIP, LEAD_FORCE };

struct render {
	const struct mustache_options *options;
	struct buffer *out;
	const struct overrides *overrides;
	char indent[MAX_INDENT];
	size_t indent_length;
	enum lead lead;
	bool plain; // text, or inside a lambda: nothing is escaped
	int depth;
	int expansions;
};

struct mustache_scope {
	json_t *value;
	const struct mustache_scope *outer;
	struct render *render;
};

static void render_nodes(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope);

static json_t *member(json_t *value, const char *name, size_t length)
{
	return json_is_object(value) ? json_object_getn(value, name, length) : NULL;
}

// A later part of a name may be a position: "list.0".
static json_t *part_of(json_t *value, const char *name, size_t length)
{
	if (!json_is_array(value))
		return member(value, name, length);
	char *end;
	unsigned long index = strtoul(name, &end, 10);
	return end == name + length ? json_array_get(value, index) : NULL;
}

// The first part of a name is looked for from the innermost scope outwards.
static json_t *find_first(const struct mustache_scope *scope, const char *name, size_t length)
{
	json_t *common = scope->render->options->common;
	for (; scope; scope = scope->outer) {
		json_t *found = member(scope->value, name, length);
		if (found)
			return found;
	}
	return member(common, name, length);
}

static json_t *find(const struct mustache_scope *scope, const struct mustache_node *node)
{
	if (node->parts == 0)
		return scope->value;
	json_t *value = find_first(scope, node->part[0].text, node->part[0].length);
	for (int i = 1; value && i < node->parts; i++)
		value = part_of(value, node->part[i].text, node->part[i].length);
	return value;
}

json_t *mustache_find(const struct mustache_scope *scope, const char *name)
{
	if (strcmp(name, ".") == 0)
		return scope->value;
	size_t length = strcspn(name, ".");
	json_t *value = find_first(scope, name, length);
	while (value && name[length]) {
		name += length + 1;
		length = strcspn(name, ".");
		value = part_of(value, name, length);
	}
	return value;
}

static bool is_true(const json_t *value)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(value) > 0;
	case JSON_INTEGER:
		return json_integer_value(value) != 0;
	case JSON_REAL:
		return json_real_value(value) != 0;
	case JSON_ARRAY:
		return json_array_size(value) > 0;
	default:
		return true;
	}
}

// The shortest text that reads back as the same number.
static void write_real(struct buffer *out, double value)
{
	char text[32];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buffer_puts(out, text);
}

static void write_json(struct buffer *out, const json_t *value, bool escape)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return;
	if (escape)
		html_escape(out, text, strlen(text));
	else
		buffer_puts(out, text);
	free(text);
}

static void write_value(struct buffer *out, const json_t *value, bool escape)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_NULL:
		break;
	case JSON_STRING:
		if (escape)
			html_escape(out, json_string_value(value), json_string_length(value));
		else
			buffer_add(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		buffer_print(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(out, json_real_value(value));
		break;
	case JSON_TRUE:
		buffer_puts(out, "true");
		break;
	case JSON_FALSE:
		buffer_puts(out, "false");
		break;
	default:
		write_json(out, value, escape);
	}
}

static void write_indent(struct render *render)
{
	buffer_add(render->out, render->indent, render->indent_length);
}

// What comes first in an overriding block and is no text: its line may still need its indentation.
static void lead_in(struct render *render)
{
	if (render->lead == LEAD_FORCE)
		write_indent(render);
	render->lead = LEAD_NONE;
}

static void write_indented(struct render *render, const struct mustache_node *node)
{
	if (render->lead == LEAD_FORCE || (node->opens_line && render->lead != LEAD_SKIP))
		write_indent(render);
	render->lead = LEAD_NONE;
	const char *at = node->text.text, *end = at + node->text.length;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline + 1 : end;
		buffer_add(render->out, at, (size_t)(stop - at));
		at = stop;
		if (newline && (at < end || node->ends_open))
			write_indent(render);
	}
}

static void render_text(struct render *render, const struct mustache_node *node)
{
	if (render->indent_length)
		write_indented(render, node);
	else
		buffer_add(render->out, node->text.text, node->text.length);
}

static void render_value(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	lead_in(render);
	write_value(render->out, find(scope, node), node->kind == NODE_ESCAPED && !render->plain);
}

static const struct mustache_lambda *find_lambda(const struct mustache_options *options, struct slice name)
{
	for (const struct mustache_lambda *lambda = options->lambda; lambda && lambda->name; lambda++)
		if (strncmp(lambda->name, name.text, name.length) == 0 && lambda->name[name.length] == '\0')
			return lambda;
	return NULL;
}

// The inner text of a lambda, rendered without escaping: that happens once, to what the lambda returns.
static char *rendered_inner(
    struct render *render, const struct mustache_node *node, const struct mustache_scope *scope, struct arena *arena)
{
	struct buffer inner, *out = render->out;
	bool plain = render->plain;
	buffer_init(&inner, arena);
	render->out = &inner;
	render->plain = true;
	render_nodes(render, node->child, scope);
	render->out = out;
	render->plain = plain;
	return inner.data;
}

static char *trim(char *text)
{
	while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')
		text++;
	size_t length = strlen(text);
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static void call_lambda(
    struct render *render, const struct mustache_lambda *lambda, const struct mustache_node *node, const struct mustache_scope *scope)
{
	const struct mustache_options *options = render->options;
	char *inner = lambda->render ? trim(rendered_inner(render, node, scope, options->arena))
	                             : arena_slice(options->arena, node->inner.text, node->inner.length);
	const char *result = lambda->call(scope, inner, options->argument, options->arena);
	if (!result)
		return;
	lead_in(render);
	if (lambda->raw || render->plain)
		buffer_puts(render->out, result);
	else
		html_escape(render->out, result, strlen(result));
}

static void render_section(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	const struct mustache_lambda *lambda = find_lambda(render->options, node->text);
	if (lambda) {
		call_lambda(render, lambda, node, scope);
		return;
	}
	json_t *value = find(scope, node);
	if (!is_true(value))
		return;
	if (json_is_true(value)) {
		render_nodes(render, node->child, scope);
		return;
	}
	struct mustache_scope inner = {.value = value, .outer = scope, .render = render};
	if (!json_is_array(value)) {
		render_nodes(render, node->child, &inner);
		return;
	}
	size_t count = json_array_size(value);
	for (size_t i = 0; i < count; i++) {
		inner.value = json_array_get(value, i);
		render_nodes(render, node->child, &inner);
	}
}

static const struct mustache *find_partial(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	const struct mustache_options *options = render->options;
	const char *name = node->dynamic ? json_string_value(find(scope, node)) : node->text.text;
	if (!name || !options->partial || ++render->expansions > MAX_EXPANSIONS)
		return NULL;
	return options->partial(name, options->argument);
}

// Inside, lines are indented by what they are now and `more`. Gives the length to go back to.
static size_t indent_more(struct render *render, struct slice more)
{
	size_t before = render->indent_length, length = more.length;
	if (length > MAX_INDENT - before)
		length = MAX_INDENT - before;
	if (length)
		memcpy(render->indent + before, more.text, length);
	render->indent_length += length;
	return before;
}

static void render_partial(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	const struct mustache *partial = find_partial(render, node, scope);
	if (!partial)
		return;
	if (node->standalone) {
		size_t before = indent_more(render, node->indent);
		render_nodes(render, partial->first, scope);
		render->indent_length = before;
		return;
	}
	// Within a line, the lines of a partial are its own: nothing indents them.
	lead_in(render);
	size_t before = render->indent_length;
	char kept[MAX_INDENT];
	memcpy(kept, render->indent, before);
	render->indent_length = 0;
	render_nodes(render, partial->first, scope);
	memcpy(render->indent, kept, before);
	render->indent_length = before;
}

static void render_parent(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	struct overrides overrides = {.first = node->child, .outer = render->overrides};
	render->overrides = &overrides;
	render_partial(render, node, scope);
	render->overrides = overrides.outer;
}

// The block of that name in the outermost parent tag that has one; *where is that tag.
static const struct mustache_node *find_override(const struct render *render, struct slice name, const struct overrides **where)
{
	const struct mustache_node *found = NULL;
	for (const struct overrides *overrides = render->overrides; overrides; overrides = overrides->outer) {
		const struct mustache_node *block = overrides->first;
		while (block && (block->text.length != name.length || memcmp(block->text.text, name.text, name.length) != 0))
			block = block->next;
		if (block) {
			found = block;
			*where = overrides;
		}
	}
	return found;
}

// An overriding block belongs to the template that wrote it: inside, only what is around that template's parent tag overrides.
static void render_block(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	const struct overrides *where = NULL, *overrides = render->overrides;
	const struct mustache_node *found = find_override(render, node->text, &where);
	if (!found) {
		render_nodes(render, node->child, scope);
		return;
	}
	size_t before = indent_more(render, node->indent);
	if (render->indent_length)
		render->lead = node->standalone ? LEAD_FORCE : LEAD_SKIP;
	render->overrides = where->outer;
	render_nodes(render, found->child, scope);
	render->overrides = overrides;
	render->lead = LEAD_NONE;
	render->indent_length = before;
}

static void render_node(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	switch (node->kind) {
	case NODE_TEXT:
		render_text(render, node);
		break;
	case NODE_ESCAPED:
	case NODE_RAW:
		render_value(render, node, scope);
		break;
	case NODE_SECTION:
		render_section(render, node, scope);
		break;
	case NODE_INVERTED:
		if (!is_true(find(scope, node)))
			render_nodes(render, node->child, scope);
		break;
	case NODE_PARTIAL:
		render_partial(render, node, scope);
		break;
	case NODE_PARENT:
		render_parent(render, node, scope);
		break;
	case NODE_BLOCK:
		render_block(render, node, scope);
		break;
	}
}

static void render_nodes(struct render *render, const struct mustache_node *node, const struct mustache_scope *scope)
{
	if (render->depth >= MAX_DEPTH)
		return;
	render->depth++;
	for (; node; node = node->next)
		render_node(render, node, scope);
	render->depth--;
}

void mustache_render(const struct mustache *template, json_t *context, const struct mustache_options *options, struct buffer *out)
{
	struct render render = {.options = options, .out = out, .plain = options->plain};
	struct mustache_scope scope = {.value = context, .render = &render};
	render_nodes(&render, template->first, &scope);
}

void mustache_render_within(const struct mustache_scope *scope, const struct mustache *template, json_t *top, struct buffer *out)
{
	struct render *outer = scope->render;
	struct render render = {
	    .options = outer->options, .out = out, .plain = outer->options->plain, .depth = outer->depth, .expansions = outer->expansions};
	struct mustache_scope inner = {.value = top, .outer = scope, .render = &render};
	render_nodes(&render, template->first, &inner);
	outer->expansions = render.expansions;
}
