// page_test.c: pages with words, dates, counts and fields, over the small web/ beside this file.
#include "represent/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/view.h"
#include "represent/words.h"

static struct arena *arena;

static int start(void **state)
{
	(void)state;
	const char *why = NULL;
	arena = arena_new();
	if (page_start(arena, &why))
		return 0;
	print_error("%s\n", why);
	return -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

// A text rendered as a page of that language would be.
static const char *rendered(const char *language, const char *text, const char *data)
{
	const char *why = NULL;
	struct mustache *template = mustache_new(text, arena, &why);
	json_error_t error;
	json_t *context = json_loads(data, 0, &error);
	if (!template || !context)
		fail_msg("%s%s", why ? why : "", context ? "" : error.text);
	struct view view = {.language = language};
	struct mustache_options options = {.partial = view_template, .lambda = view_lambdas, .argument = &view, .arena = arena};
	json_t *words = json_object();
	json_object_set(words, "w", words_tree(language));
	options.common = words;
	struct buffer out;
	buffer_init(&out, arena);
	mustache_render(template, context, &options, &out);
	json_decref(words);
	json_decref(context);
	return out.data;
}

static void renders_pages(void **state)
{
	(void)state;
	json_t *context = json_pack("{s:s, s:s, s:s, s:s}", "title", "GOZ & <miasta>", "starts_at", "2019-12-17T09:00:00Z", "time_zone",
	    "Europe/Warsaw", "text", "a\nb");
	struct buffer out;
	buffer_init(&out, arena);
	assert_true(page_exists("meeting"));
	page_render(&out, "meeting", "fi", context, arena);
	assert_string_equal(out.data, "<title>GOZ &amp; &lt;miasta&gt;</title>\n<main>\n"
	                              "\t<p>Milloin: tiistai 17. joulukuuta 2019 klo 10.00</p>\n\t<pre>a\nb</pre>\n\n</main>\n");
	buffer_clear(&out);
	assert_false(page_exists("missing"));
	page_render(&out, "missing", "fi", context, arena);
	assert_int_equal(out.length, 0);
	json_decref(context);
}

static const char *const data =
    "{\"starts_at\": \"2019-12-17T09:00:00Z\", \"time_zone\": \"Europe/Warsaw\", \"due\": \"2019-12-20\", \"none\": null,"
    " \"platform\": {\"time_zone\": \"Asia/Tokyo\"}, \"person\": {\"time_zone\": \"Europe/Helsinki\", \"name\": \"Żak\"},"
    " \"items\": [{\"starts_at\": \"2019-12-17T10:00:00Z\", \"time_zone\": null}, {\"starts_at\": \"2019-12-17T11:00:00Z\"}],"
    " \"status\": \"odd_one\", \"heads\": 22, \"slug\": \"obieg zamknięty/1\","
    " \"text\": \"A <b>\\nsee https://example.org/a?b=1&c=(x). Bye\\n\\n  \\r\\nhttp://x.org, xhttps://no https://\\n\"}";

static void calls_lambdas(void **state)
{
	(void)state;
	static const struct {
		const char *language, *text, *expected;
	} cases[] = {
	    {"pl", "{{#date}}starts_at{{/date}}", "wtorek, 17 grudnia 2019"},
	    {"pl", "{{#date_short}}due{{/date_short}}", "20.12.2019"},
	    {"pl", "{{#time}} starts_at {{/time}}", "10:00"},
	    {"fi", "{{#time}}starts_at person.time_zone{{/time}}", "11.00"},
	    {"pl", "{{#zone}}starts_at{{/zone}}", "Warszawa (UTC+1)"},
	    {"pl", "{{#items}}{{#time}}starts_at{{/time}} {{/items}}", "19:00 12:00 "},
	    {"pl", "{{#day}}starts_at{{/day}} {{#month}}starts_at{{/month}} {{#year}}starts_at{{/year}} {{#weekday}}starts_at{{/weekday}}",
	        "17 gru 2019 wtorek"},
	    {"pl", "{{#local}}starts_at{{/local}}", "2019-12-17T10:00"},
	    {"pl", "[{{#time}}none{{/time}}{{#time}}missing{{/time}}]", "[]"},
	    {"pl", "{{#word}}meeting.choice.kind.talk{{/word}}", "Wystąpienie"},
	    {"pl", "{{#word}}status.{{status}}{{/word}}", "odd one"},
	    {"pl", "{{#count}}heads heads{{/count}}, {{#count}}heads items{{/count}}, {{#count}}heads none{{/count}}",
	        "22 osoby, 2 osoby, 0 osób"},
	    {"en", "{{#count}}missing heads{{/count}}", "22"},
	    {"pl", "/{{#path}}slug{{/path}}/{{#path}}heads{{/path}}/{{#path}}none{{/path}}", "/obieg%20zamkni%C4%99ty%2F1/22/"},
	    {"pl", "{{#paragraphs}}text{{/paragraphs}}",
	        "<p>A &lt;b&gt;<br>\nsee <a href=\"https://example.org/a?b=1&amp;c=(x)\" rel=\"nofollow "
	        "noopener\">https://example.org/a?b=1&amp;c=(x)</a>. Bye</p>\n"
	        "<p><a href=\"http://x.org\" rel=\"nofollow noopener\">http://x.org</a>, xhttps://no https://</p>\n"},
	    {"pl", "{{#asset}}missing.css{{/asset}}", "/assets/-/missing.css"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(rendered(cases[i].language, cases[i].text, data), cases[i].expected);
}

static void finds_assets(void **state)
{
	(void)state;
	const struct embedded_file *css = page_asset("site.css"), *font = page_asset("fonts/a.woff2");
	assert_non_null(css);
	assert_non_null(font);
	assert_null(page_asset("missing.css"));
	assert_string_equal(css->type, "text/css; charset=utf-8");
	assert_string_equal(font->type, "font/woff2");
	assert_int_equal(font->length, 11);
	assert_memory_equal(font->data, "wOF2\0\1\377?\"\\x", 11);
	assert_string_equal(
	    css->data, arena_print(arena, "body { src: url(\"/assets/%s/fonts/a.woff2\") url(\"missing.png\") url(data:x) }\n", font->digest));
	assert_string_equal(rendered("pl", "{{#asset}}site.css{{/asset}}", "{}"), arena_print(arena, "/assets/%s/site.css", css->digest));
}

static const char *const failed_form =
    "{\"title\": \"Now\", \"id\": \"outer\", \"hint\": \"outer\", \"form\": {\"create_meeting\": {"
    " \"values\": {\"title\": \"<typed>\", \"kind\": \"break\", \"person\": {\"email\": \"x@\"}, \"on\": [\"false\", \"true\"]},"
    " \"errors\": {\"title\": {\"code\": \"required\", \"detail\": \"Needed.\"}, \"person\": {\"email\": {\"code\": \"odd\", \"detail\": "
    "\"No address.\"}}}}},"
    " \"groups\": [{\"id\": \"g1\", \"name\": \"Gminy\"}], \"chosen\": [\"g1\"]}";

static const char *const current =
    "{\"title\": \"Now\", \"starts_at\": \"2019-12-17T09:00:00Z\", \"time_zone\": \"Europe/Warsaw\", \"kind\": \"talk\", \"on\": true,"
    " \"venue\": {\"id\": \"v2\"}, \"venues\": [{\"id\": \"v1\", \"name\": \"Sala\"}, {\"id\": \"v2\", \"name\": \"Aula\"}],"
    " \"groups\": [{\"id\": \"g1\", \"name\": \"Gminy\"}, {\"id\": \"g2\", \"name\": \"Inni\"}], \"chosen\": [{\"id\": \"g2\"}], "
    "\"capacity\": 50, \"status\": \"public\"}";

static void renders_fields(void **state)
{
	(void)state;
	static const struct {
		const char *const *data;
		const char *field, *expected;
	} cases[] = {
	    {&current, "meeting.create_meeting title text required autofocus",
	        "[text create_meeting-title title \"Tytuł\" hint=Krótko i jasno value= required autofocus]\n"},
	    {&current, "meeting.create_meeting title text current maxlength=80 placeholder=\"Jan Kowalski\"",
	        "[text create_meeting-title title \"Tytuł\" hint=Krótko i jasno value=Now maxlength=\"80\" placeholder=\"Jan Kowalski\"]\n"},
	    {&current, "meeting.create_meeting capacity text current", "[text create_meeting-capacity capacity \"capacity\" value=50]\n"},
	    {&current, "meeting.create_meeting capacity_left text value=7",
	        "[text create_meeting-capacity_left capacity_left \"capacity left\" value=7]\n"},
	    {&current, "meeting.create_meeting starts_at date_time current",
	        "[date_time create_meeting-starts_at starts_at \"starts at\" value=2019-12-17T10:00]\n"},
	    {&current, "meeting.create_meeting on checkbox current", "[create_meeting-on checked]\n"},
	    {&current, "meeting.create_meeting on checkbox", "[create_meeting-on ]\n"},
	    {&current, "meeting.create_meeting kind select current", "[create_meeting-kind talk=Wystąpienie* break=Przerwa]\n"},
	    {&current, "meeting.create_meeting venue choose current from=venues", "[create_meeting-venue v1=Sala v2=Aula*]\n"},
	    {&current, "meeting.create_meeting chosen choose_many current from=groups", "[create_meeting-chosen g1=Gminy g2=Inni*]\n"},
	    {&failed_form, "meeting.create_meeting title text current",
	        "[text create_meeting-title title \"Tytuł\" hint=Krótko i jasno error=To pole jest wymagane. value=&lt;typed&gt;]\n"},
	    {&failed_form, "meeting.create_meeting person.email text",
	        "[text create_meeting-person-email person.email \"E-mail\" error=No address. value=x@]\n"},
	    {&failed_form, "meeting.create_meeting kind select", "[create_meeting-kind talk=Wystąpienie break=Przerwa*]\n"},
	    {&failed_form, "meeting.create_meeting on checkbox", "[create_meeting-on checked]\n"},
	    {&failed_form, "meeting.create_meeting chosen choose_many current from=groups", "[create_meeting-chosen g1=Gminy]\n"},
	    {&failed_form, "meeting.other chosen choose_many current from=groups", "[other-chosen g1=Gminy*]\n"},
	    {&current, "meeting.answer answers.0.text text current=venue label=.status hint=\"So, then\"",
	        "[text answer-answers-0-text answers.0.text \"public\" hint=So, then value=v2]\n"},
	    {&current, "meeting.answer kind choose current=kind from=w.meeting.choice.kind", "[answer-kind talk=Wystąpienie* break=Przerwa]\n"},
	    {&current, "meeting.create_meeting title", ""},
	    {&current, "meeting title text", ""},
	    {&current, "meeting.create_meeting title odd", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    rendered("pl", arena_print(arena, "{{#field}}%s{{/field}}", cases[i].field), *cases[i].data), cases[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renders_pages),
	    cmocka_unit_test(calls_lambdas),
	    cmocka_unit_test(finds_assets),
	    cmocka_unit_test(renders_fields),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
