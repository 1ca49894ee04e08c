// page.h: templates of web/templates (pages) and web/mail rendered with a context. Uses mustache.h and words.h.
//
// A page is named as its file without suffix, `meeting`; a mail's part with folder and suffix, `mail/invitation.txt`. What ends in .txt is
// text: nothing in it is escaped.
//
// A template sees: the main row's columns (or `items`, `next`), each part under its name, and what serve.c adds (`caller`, `platform`,
// `form`, `problem`, `request`, …: the table in ARCHITECTURE.md); `w` is the words tree of the language, so `{{w.rsvp.accept}}`.
//
// Lambdas. Their names are reserved in sections: `{{#path}}` is always the lambda, while `{{path.meeting}}` is the context's. <name> is a
// (dotted) name looked up from the innermost scope.
//
//   {{#date}}starts_at{{/date}}            "wtorek, 17 grudnia 2019"
//   {{#date_short}}, {{#time}}, {{#date_time}}, {{#month}}, {{#day}}, {{#weekday}}, {{#year}}, {{#local}} (the value of a datetime-local)
//   {{#zone}}starts_at{{/zone}}            "Warszawa (UTC+1)": where and how far from UTC at that instant
//       All of them show the instant in the zone found under `time_zone`, else `platform.time_zone`, else in UTC. A second name is where
//       another zone stands: {{#time}}starts_at person.time_zone{{/time}}. A date without time is that date in every zone. Nothing if
//       absent.
//   {{#word}}status.{{status}}{{/word}}    the word at that key, its last part if there is none ("no_such_thing" as "no such thing")
//   {{#count}}heads invited_count{{/count}} the plural `plural.heads` of the number under that name, or of how many an array holds
//   {{#path}}slug{{/path}}                 that value percent-encoded, for one path segment or query value
//   {{#asset}}narada.css{{/asset}}         "/assets/<digest>/narada.css"
//   {{#paragraphs}}purpose{{/paragraphs}}  plain text as <p>…</p>, with <br> and links for http(s) addresses
//   {{#field}}meeting.create_meeting title text required{{/field}}  a form's field, see below
//
// A field is rendered by the partial `field_<kind>.html`, which sees on top of everything else: `id` ("create_meeting-title"; the dot of
// "person.email" becomes "-"), `name`, `kind`, `label`, `hint`, `error`, `value`, `checked`, `required`, `autofocus`,
// `choices` ([{value, label, selected}]), `attributes` ([{name, value}]); all of them always, null where there is nothing.
// The value is what was typed (`form.<operation>.values.<member>`), else with `current` what the scope has under the member's name (a time
// in the scope's zone, an object's `id`), else `value=…`. Quotes keep spaces: placeholder="Jan Kowalski". An error is {code, detail}.
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct arena;
struct buffer;

// Parses all embedded templates and words; once per process. False and *why: a sentence with the template's name.
bool page_start(struct arena *process, const char **why);
bool page_exists(const char *name);
// Nothing is written for a page that does not exist. `language` is one of words_languages.
void page_render(struct buffer *out, const char *name, const char *language, json_t *context, struct arena *arena);

// Embedded files (made by tools/embed.py into embedded_web.c): templates, words, assets, sorted by name.
struct embedded_file {
	const char *name; // "templates/meeting.html", "mail/invitation.txt", "words/pl/meeting.json", "assets/narada.css"
	const char *data;
	unsigned long length;
	const char *type;   // media type
	const char *digest; // short content hash, for URLs /assets/<digest>/<name> and ETags
};
extern const struct embedded_file embedded_web[];
extern const int embedded_web_count;
const struct embedded_file *page_asset(const char *name); // "narada.css"; NULL if none
