// mustache_parse.c: template text to tree, once.
//
// The subtle part is lines. A tag alone on its line takes the line with it; text knows where source lines begin, since a
// partial's indentation goes exactly there; and a block that overrides another loses the indentation of its first line.
#include "represent/mustache.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/mustache_tree.h"

enum { MAX_NESTING = 100, MAX_DELIMITER = 32 };

struct parser {
	struct arena *arena;
	const char *begin, *at, *end;
	char open[MAX_DELIMITER + 1], close[MAX_DELIMITER + 1];
	size_t open_length, close_length;
	struct buffer text;     // what will be the next text node
	bool text_opens_line;   // its first byte begins a source line
	bool line_start;        // `at` is where a source line begins, and nothing of that line is kept yet
	const char *line_begin; // of the source line, or after the last tag on it; NULL: a tag was on it
	size_t dedent;          // columns that the lines of the block being read lose
	const char *why;
};

// A tag as found in the source.
struct tag {
	char kind;           // '#', '^', …; '/' closes, '!' comment, '=' delimiters, '{' and '&' raw, 0 plain
	const char *start;   // of its opening delimiter
	const char *after;   // behind its closing delimiter
	struct slice name;   // trimmed
	bool blank_before;   // only white space on its line before it
	bool blank_after;    // only white space until the line ends
	struct slice margin; // that white space before it, without what the block loses
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_space(char byte)
{
	return is_blank(byte) || byte == '\n' || byte == '\r';
}

static struct slice trimmed(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	while (to > from && is_space(to[-1]))
		to--;
	return (struct slice){from, (size_t)(to - from)};
}

static bool same(struct slice one, struct slice other)
{
	return one.length == other.length && memcmp(one.text, other.text, one.length) == 0;
}

static bool fail(struct parser *parser, const char *where, const char *what, struct slice name)
{
	int line = 1;
	for (const char *byte = parser->begin; byte < where; byte++)
		line += *byte == '\n';
	parser->why = arena_print(parser->arena, "Line %d: %s%s%.*s.", line, what, name.length ? " " : "", (int)name.length, name.text);
	return false;
}

static const char *find(const char *from, const char *end, const char *what, size_t length)
{
	return memmem(from, (size_t)(end - from), what, length);
}

// Behind the line's end if only white space comes before it, else NULL.
static const char *rest_of_line(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	if (at == end)
		return at;
	if (*at == '\r' && at + 1 < end && at[1] == '\n')
		at++;
	return *at == '\n' ? at + 1 : NULL;
}

static void begin_line(struct parser *parser)
{
	size_t lost = 0;
	while (lost < parser->dedent && parser->at < parser->end && is_blank(*parser->at)) {
		parser->at++;
		lost++;
	}
	parser->line_begin = parser->at;
	parser->line_start = true;
}

static void keep(struct parser *parser, const char *from, const char *to)
{
	if (from == to)
		return;
	if (parser->line_start && parser->text.length == 0)
		parser->text_opens_line = true;
	parser->line_start = false;
	buffer_add(&parser->text, from, (size_t)(to - from));
}

// Takes the text up to `to`, line by line.
static void keep_until(struct parser *parser, const char *to)
{
	while (parser->at < to) {
		const char *newline = memchr(parser->at, '\n', (size_t)(to - parser->at));
		const char *stop = newline ? newline + 1 : to;
		keep(parser, parser->at, stop);
		parser->at = stop;
		if (newline)
			begin_line(parser);
	}
}

static struct mustache_node *node_new(struct parser *parser, enum mustache_kind kind, struct slice name)
{
	struct mustache_node *node = arena_alloc(parser->arena, sizeof *node);
	node->kind = kind;
	node->text = name;
	return node;
}

// The text collected so far becomes a node, if there is any; `tag_follows` on the same line.
static struct mustache_node *flush(struct parser *parser, bool tag_follows)
{
	bool opens = tag_follows && parser->line_start;
	if (parser->text.length == 0 && !opens)
		return NULL;
	struct mustache_node *node = node_new(parser, NODE_TEXT, (struct slice){parser->text.data, parser->text.length});
	node->opens_line = parser->text.length ? parser->text_opens_line : opens;
	node->ends_open = parser->text.length && opens;
	if (opens)
		parser->line_start = false;
	buffer_init(&parser->text, parser->arena);
	parser->text_opens_line = false;
	return node;
}

static void split_name(struct parser *parser, struct mustache_node *node, struct slice name)
{
	if (name.length == 1 && *name.text == '.')
		return;
	node->parts = 1;
	for (size_t i = 0; i < name.length; i++)
		node->parts += name.text[i] == '.';
	node->part = arena_alloc(parser->arena, sizeof *node->part * (size_t)node->parts);
	const char *from = name.text, *end = name.text + name.length;
	for (int i = 0; i < node->parts; i++) {
		const char *dot = memchr(from, '.', (size_t)(end - from));
		node->part[i] = (struct slice){from, (size_t)((dot ? dot : end) - from)};
		from = dot ? dot + 1 : end;
	}
}

// Finds the next tag and keeps the text before it. False with `why` for a broken one; `tag->start` is NULL at the end.
static bool next_tag(struct parser *parser, struct tag *tag)
{
	*tag = (struct tag){.start = find(parser->at, parser->end, parser->open, parser->open_length)};
	if (!tag->start) {
		keep_until(parser, parser->end);
		return true;
	}
	keep_until(parser, tag->start);
	const char *inner = tag->start + parser->open_length;
	while (inner < parser->end && is_space(*inner))
		inner++;
	if (inner < parser->end && strchr("#^/!=&>{<$", *inner) && *inner)
		tag->kind = *inner++;
	char closing[MAX_DELIMITER + 2] = {tag->kind == '{' ? '}' : '='};
	size_t length = parser->close_length;
	bool longer = tag->kind == '{' || tag->kind == '=';
	memcpy(closing + longer, parser->close, parser->close_length + 1);
	length += longer;
	const char *stop = find(inner, parser->end, closing, length);
	if (!stop)
		return fail(parser, tag->start, "a tag is not closed", (struct slice){"", 0});
	tag->name = trimmed(inner, stop);
	tag->after = stop + length;
	if (!tag->name.length && tag->kind != '!')
		return fail(parser, tag->start, "a tag is empty", (struct slice){"", 0});
	const char *blank = parser->line_begin;
	while (blank && blank < tag->start && is_blank(*blank))
		blank++;
	tag->blank_before = blank == tag->start;
	tag->blank_after = rest_of_line(tag->after, parser->end) != NULL;
	if (tag->blank_before)
		tag->margin = (struct slice){parser->line_begin, (size_t)(tag->start - parser->line_begin)};
	return true;
}

// Leaves a tag that stays on its line.
static void pass_inline(struct parser *parser, const struct tag *tag)
{
	parser->at = tag->after;
	parser->line_begin = NULL;
}

// Forgets the white space before a tag that is alone on its line.
static void drop_margin(struct parser *parser, const struct tag *tag)
{
	if (tag->margin.length == 0)
		return;
	parser->text.length -= tag->margin.length;
	parser->line_start = true;
	if (parser->text.length == 0)
		parser->text_opens_line = false;
}

static void pass_line(struct parser *parser, const struct tag *tag)
{
	parser->at = rest_of_line(tag->after, parser->end);
	begin_line(parser);
}

// For the tags that never show themselves: true if the tag was alone on its line, which is gone then.
static bool pass(struct parser *parser, const struct tag *tag)
{
	bool alone = tag->blank_before && tag->blank_after;
	if (alone) {
		drop_margin(parser, tag);
		pass_line(parser, tag);
	} else {
		pass_inline(parser, tag);
	}
	return alone;
}

static bool set_delimiters(struct parser *parser, const struct tag *tag)
{
	const char *end = tag->name.text + tag->name.length, *middle = tag->name.text;
	while (middle < end && !is_space(*middle))
		middle++;
	struct slice open = {tag->name.text, (size_t)(middle - tag->name.text)}, close = trimmed(middle, end);
	bool good = open.length && close.length && open.length <= MAX_DELIMITER && close.length <= MAX_DELIMITER;
	for (size_t i = 0; good && i < close.length; i++)
		good = !is_space(close.text[i]) && close.text[i] != '=';
	if (!good || memchr(open.text, '=', open.length))
		return fail(parser, tag->start, "these are no delimiters:", tag->name);
	memcpy(parser->open, open.text, open.length);
	memcpy(parser->close, close.text, close.length);
	parser->open[parser->open_length = open.length] = '\0';
	parser->close[parser->close_length = close.length] = '\0';
	return true;
}

// A list of nodes being built.
struct list {
	struct mustache_node *first, *last;
};

static void append(struct list *list, struct mustache_node *node)
{
	if (!node)
		return;
	if (list->last)
		list->last->next = node;
	else
		list->first = node;
	list->last = node;
}

static bool parse(struct parser *parser, struct list *list, const struct mustache_node *within, int depth, struct tag *closing);

// The columns that the line at `at` is indented with.
static struct slice margin_at(const struct parser *parser, const char *at)
{
	const char *stop = at;
	while (stop < parser->end && is_blank(*stop))
		stop++;
	return (struct slice){at, (size_t)(stop - at)};
}

static bool closes_at(const struct parser *parser, const char *at)
{
	size_t left = (size_t)(parser->end - at);
	return left > parser->open_length && memcmp(at, parser->open, parser->open_length) == 0 && at[parser->open_length] == '/';
}

static bool parse_section(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag, int depth)
{
	bool alone = tag->blank_before && tag->blank_after;
	if (alone)
		drop_margin(parser, tag);
	append(list, flush(parser, !alone));
	split_name(parser, node, tag->name);
	if (alone)
		pass_line(parser, tag);
	else
		pass_inline(parser, tag);
	struct list children = {0};
	struct tag closing;
	if (!parse(parser, &children, node, depth + 1, &closing))
		return false;
	alone = pass(parser, &closing);
	append(&children, flush(parser, !alone));
	node->inner = trimmed(tag->after, closing.start);
	node->child = children.first;
	append(list, node);
	return true;
}

// A block where it shows: what overrides it takes the indentation of its tag, or of its first line if its tag stands alone.
static bool parse_block(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag, int depth)
{
	node->indent = tag->margin;
	node->standalone = tag->blank_before && tag->blank_after;
	if (node->standalone) {
		struct slice first = margin_at(parser, rest_of_line(tag->after, parser->end));
		size_t lost = first.length < parser->dedent ? first.length : parser->dedent;
		const char *content = first.text + first.length;
		if (content < parser->end && !closes_at(parser, content))
			node->indent = (struct slice){first.text + lost, first.length - lost};
	}
	return parse_section(parser, list, node, tag, depth);
}

// A block inside a parent tag: content for elsewhere. It begins on the next line if nothing follows its tag, and loses the margin of that
// line.
static bool parse_override(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag, int depth)
{
	size_t outer = parser->dedent;
	buffer_clear(&parser->text); // between blocks, text means nothing
	parser->text_opens_line = false;
	parser->line_start = false;
	if (tag->blank_after) {
		parser->dedent = margin_at(parser, rest_of_line(tag->after, parser->end)).length;
		pass_line(parser, tag);
	} else {
		pass_inline(parser, tag);
	}
	struct list children = {0};
	struct tag closing;
	if (!parse(parser, &children, node, depth + 1, &closing))
		return false;
	if (closing.blank_before)
		drop_margin(parser, &closing);
	append(&children, flush(parser, !closing.blank_before));
	parser->line_start = false;
	pass_inline(parser, &closing);
	parser->dedent = outer;
	node->child = children.first;
	append(list, node);
	return true;
}

static void name_partial(struct parser *parser, struct mustache_node *node, struct slice name)
{
	node->dynamic = *name.text == '*';
	if (node->dynamic) {
		name = trimmed(name.text + 1, name.text + name.length);
		split_name(parser, node, name);
	}
	node->text = (struct slice){arena_slice(parser->arena, name.text, name.length), name.length};
}

// Whether it stands alone is known at its closing tag only, so that the white space before it is taken back then.
static bool parse_parent(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag, int depth)
{
	struct mustache_node *before = flush(parser, true);
	append(list, before);
	name_partial(parser, node, tag->name);
	pass_inline(parser, tag);
	struct list children = {0};
	struct tag closing;
	if (!parse(parser, &children, node, depth + 1, &closing))
		return false;
	buffer_clear(&parser->text);
	parser->text_opens_line = parser->line_start = false;
	node->standalone = tag->blank_before && closing.blank_after;
	if (node->standalone) {
		node->indent = tag->margin;
		before->text.length -= tag->margin.length;
		before->ends_open = false;
		if (before->text.length == 0)
			before->opens_line = false;
		pass_line(parser, &closing);
	} else {
		pass_inline(parser, &closing);
	}
	for (struct mustache_node *child = children.first, *next; child; child = next) {
		next = child->next;
		child->next = node->child;
		if (child->kind == NODE_BLOCK)
			node->child = child;
	}
	append(list, node);
	return true;
}

static void parse_partial(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag)
{
	node->standalone = tag->blank_before && tag->blank_after;
	node->indent = tag->margin;
	if (node->standalone)
		drop_margin(parser, tag);
	append(list, flush(parser, !node->standalone));
	name_partial(parser, node, tag->name);
	if (node->standalone)
		pass_line(parser, tag);
	else
		pass_inline(parser, tag);
	append(list, node);
}

static void parse_value(struct parser *parser, struct list *list, struct mustache_node *node, const struct tag *tag)
{
	append(list, flush(parser, true));
	split_name(parser, node, tag->name);
	pass_inline(parser, tag);
	append(list, node);
}

static struct mustache_node *tag_node(struct parser *parser, enum mustache_kind kind, const struct tag *tag)
{
	struct mustache_node *node = node_new(parser, kind, tag->name);
	node->inner.text = tag->start; // where to point at if it is never closed
	return node;
}

static bool parse_tag(struct parser *parser, struct list *list, const struct mustache_node *within, const struct tag *tag, int depth)
{
	bool overrides = within && within->kind == NODE_PARENT;
	switch (tag->kind) {
	case '!':
		pass(parser, tag);
		return true;
	case '=':
		if (!set_delimiters(parser, tag))
			return false;
		pass(parser, tag);
		return true;
	case '#':
		return parse_section(parser, list, tag_node(parser, NODE_SECTION, tag), tag, depth);
	case '^':
		return parse_section(parser, list, tag_node(parser, NODE_INVERTED, tag), tag, depth);
	case '$':
		return (overrides ? parse_override : parse_block)(parser, list, tag_node(parser, NODE_BLOCK, tag), tag, depth);
	case '<':
		return parse_parent(parser, list, tag_node(parser, NODE_PARENT, tag), tag, depth);
	case '>':
		parse_partial(parser, list, tag_node(parser, NODE_PARTIAL, tag), tag);
		return true;
	default:
		parse_value(parser, list, tag_node(parser, tag->kind ? NODE_RAW : NODE_ESCAPED, tag), tag);
		return true;
	}
}

// Reads until the tag that closes `within` (given back in `closing`, not passed yet), or to the end for NULL.
static bool parse(struct parser *parser, struct list *list, const struct mustache_node *within, int depth, struct tag *closing)
{
	struct slice name = within ? within->text : (struct slice){"", 0};
	const char *from = within ? within->inner.text : parser->at;
	if (depth > MAX_NESTING)
		return fail(parser, from, "nested too deeply", name);
	while (next_tag(parser, closing)) {
		if (!closing->start)
			return !within || fail(parser, from, "this section is not closed:", name);
		if (closing->kind == '/' && !within)
			return fail(parser, closing->start, "this closes nothing:", closing->name);
		if (closing->kind == '/') {
			if (within->dynamic)
				closing->name = trimmed(closing->name.text + (*closing->name.text == '*'), closing->name.text + closing->name.length);
			return same(closing->name, name) || fail(parser, closing->start, "another section is open here, not", closing->name);
		}
		if (!parse_tag(parser, list, within, closing, depth))
			return false;
	}
	return false;
}

struct mustache *mustache_new(const char *text, struct arena *arena, const char **why)
{
	struct parser parser = {.arena = arena, .begin = text, .at = text, .end = text + strlen(text), .open = "{{", .close = "}}"};
	parser.open_length = parser.close_length = 2;
	buffer_init(&parser.text, arena);
	begin_line(&parser);
	struct list list = {0};
	struct tag closing;
	if (!parse(&parser, &list, NULL, 0, &closing)) {
		*why = parser.why;
		return NULL;
	}
	append(&list, flush(&parser, false));
	struct mustache *template = arena_alloc(arena, sizeof *template);
	template->first = list.first;
	return template;
}
