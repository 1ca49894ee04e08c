// page.h: templates of web/templates rendered with a context. Uses mustache.h and words.h.
//
// A template sees: the main row's columns (or `items`, `next`), each part under its name, and what serve.c adds (`caller`, `platform`,
// `form`, `problem`, `request`); `w` is the words tree of the language, so `{{w.rsvp.accept}}`. Lambdas: {{#date}}starts_at{{/date}} (long
// date), {{#time}}…, {{#date_time}}…, {{#date_short}}…,
// {{#zone}}starts_at{{/zone}}, {{#local}}…{{/local}} (datetime-local value): the instant is looked up by that name and shown in the zone
// found under `time_zone`;
// {{#word}}response.{{response}}{{/word}}; {{#count}}heads invited_count{{/count}} (plural key under `plural`, then the name of a number);
// {{#path}}name{{/path}} percent-encoded. `form.<operationId>.values.<member>`, `form.<operationId>.errors.<member>`: present after a
// failed form post.
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct arena;
struct buffer;

bool page_start(struct arena *process, const char **why); // parses all embedded templates
bool page_exists(const char *name);
void page_render(struct buffer *out, const char *name, const char *language, json_t *context, struct arena *arena);

// Embedded files (made by tools/embed.py into embedded_web.c): templates, words, assets.
struct embedded_file {
	const char *name; // "templates/meeting.html", "words/pl/meeting.json", "assets/narada.css"
	const char *data;
	unsigned long length;
	const char *type;   // media type
	const char *digest; // short content hash, for URLs /assets/<digest>/<name>… and ETags
};
extern const struct embedded_file embedded_web[];
extern const int embedded_web_count;
const struct embedded_file *page_asset(const char *name); // "narada.css"; NULL if none
