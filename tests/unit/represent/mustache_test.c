// mustache_test.c: every case of the public specification, and what is ours: lambdas, limits, errors.
#include "represent/mustache.h"

#include <dirent.h>
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

static const char *cases_directory;

struct partials {
	json_t *texts;
	struct arena *arena;
};

static const struct mustache *case_partial(const char *name, void *argument)
{
	struct partials *partials = argument;
	const char *text = json_string_value(json_object_get(partials->texts, name)), *why;
	return text ? mustache_new(text, partials->arena, &why) : NULL;
}

static bool run_case(json_t *test, const char *file)
{
	struct arena *arena = arena_new();
	struct partials partials = {json_object_get(test, "partials"), arena};
	struct mustache_options options = {.partial = case_partial, .argument = &partials, .arena = arena};
	const char *why = NULL, *expected = json_string_value(json_object_get(test, "expected"));
	struct mustache *template = mustache_new(json_string_value(json_object_get(test, "template")), arena, &why);
	struct buffer out;
	buffer_init(&out, arena);
	if (template)
		mustache_render(template, json_object_get(test, "data"), &options, &out);
	bool good = template && strcmp(out.data, expected) == 0;
	if (!good)
		print_error("%s: %s\n--- expected\n%s\n--- got\n%s\n", file, json_string_value(json_object_get(test, "name")), expected,
		    why ? why : out.data);
	arena_free(arena);
	return good;
}

static void keeps_the_specification(void **state)
{
	(void)state;
	DIR *directory = opendir(cases_directory);
	assert_non_null(directory);
	int count = 0, failed = 0;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (!strstr(entry->d_name, ".json"))
			continue;
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", cases_directory, entry->d_name);
		json_t *file = json_load_file(path, 0, NULL), *test;
		size_t index;
		json_array_foreach(json_object_get(file, "tests"), index, test)
		{
			failed += !run_case(test, entry->d_name);
			count++;
		}
		json_decref(file);
	}
	closedir(directory);
	assert_int_equal(failed, 0);
	assert_true(count > 180);
}

// Renders `text` with the JSON `data`; the result lives in `arena`.
static const char *rendered(struct arena *arena, const char *text, const char *data, const struct mustache_options *options)
{
	const char *why = NULL;
	struct mustache *template = mustache_new(text, arena, &why);
	if (!template)
		return why;
	json_t *context = json_loads(data, JSON_DECODE_ANY, NULL);
	assert_non_null(context);
	struct buffer out;
	buffer_init(&out, arena);
	mustache_render(template, context, options, &out);
	json_decref(context);
	return out.data;
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"a\n{{#b}}\n", "Line 2: this section is not closed: b."},
	    {"a\n\n{{/b}}", "Line 3: this closes nothing: b."},
	    {"{{#a}}{{#b}}{{/a}}{{/b}}", "Line 1: another section is open here, not a."},
	    {"{{a", "Line 1: a tag is not closed."},
	    {"{{}}", "Line 1: a tag is empty."},
	    {"{{=a=}}", "Line 1: these are no delimiters: a."},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *arena = arena_new();
		const char *why = NULL;
		assert_null(mustache_new(cases[i].text, arena, &why));
		assert_string_equal(why, cases[i].why);
		arena_free(arena);
	}
}

static char *shout(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)argument;
	json_t *found = mustache_find(scope, inner);
	return arena_print(arena, "<%s>", found ? json_string_value(found) : inner);
}

static char *nothing(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)scope, (void)inner, (void)argument, (void)arena;
	return NULL;
}

static void calls_lambdas(void **state)
{
	(void)state;
	static const struct mustache_lambda lambdas[] = {
	    {"name", shout, false, false},
	    {"text", shout, true, false},
	    {"html", shout, true, true},
	    {"nothing", nothing, false, false},
	    {NULL},
	};
	struct arena *arena = arena_new();
	struct mustache_options options = {.lambda = lambdas, .arena = arena};
	const char *data = "{\"a\": {\"b\": \"Łódź\"}, \"c\": \"<\", \"name\": {\"a\": 1}}";
	assert_string_equal(rendered(arena, "{{#name}} a.b {{/name}}", data, &options), "&lt;Łódź&gt;");
	assert_string_equal(rendered(arena, "{{#text}}x {{c}}{{/text}}", data, &options), "&lt;x &lt;&gt;");
	assert_string_equal(rendered(arena, "{{#html}}x {{c}}{{/html}}", data, &options), "<x <>");
	assert_string_equal(rendered(arena, "{{#text}}{{#text}}1{{/text}}{{/text}}", data, &options), "&lt;&lt;1&gt;&gt;");
	assert_string_equal(rendered(arena, "[{{#nothing}}x{{/nothing}}]", data, &options), "[]");
	arena_free(arena);
}

static void decides_what_is_true(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct mustache_options options = {.arena = arena};
	const char *data =
	    "{\"values\": [{\"v\": 0}, {\"v\": 0.0}, {\"v\": \"\"}, {\"v\": null}, {\"v\": []}, {\"v\": 1}, {\"v\": \"0\"}, {\"v\": {}}]}";
	assert_string_equal(rendered(arena, "{{#values}}{{#v}}+{{/v}}{{^v}}-{{/v}}{{/values}}", data, &options), "-----+++");
	assert_string_equal(
	    rendered(arena, "{{&a}} {{b}} {{c}}", "{\"a\": [1, \"x\"], \"b\": 0.1, \"c\": -12}", &options), "[1,\"x\"] 0.1 -12");
	arena_free(arena);
}

static void looks_at_common_last(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	json_t *common = json_pack("{s:s, s:s}", "a", "common", "b", "common");
	struct mustache_options options = {.arena = arena, .common = common};
	assert_string_equal(rendered(arena, "{{a}} {{b}}", "{\"a\": \"own\"}", &options), "own common");
	json_decref(common);
	arena_free(arena);
}

// A block of an overriding block's own parent tags is not taken for one of the page around it.
static void keeps_overrides_apart(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	json_t *texts = json_pack("{s:s, s:s}", "frame", "<{{$title}}-{{/title}}|{{$main}}{{/main}}>", "card", "({{$title}}none{{/title}})");
	struct partials partials = {texts, arena};
	struct mustache_options options = {.partial = case_partial, .argument = &partials, .arena = arena};
	const char *page =
	    "{{<frame}}{{$title}}page{{/title}}{{$main}}{{<card}}{{$title}}card{{/title}}{{/card}}{{<card}}{{/card}}{{/main}}{{/frame}}";
	assert_string_equal(rendered(arena, page, "{}", &options), "<page|(card)(none)>");
	json_decref(texts);
	arena_free(arena);
}

static void ends_what_recurses(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	json_t *texts = json_pack("{s:s}", "self", "x{{>self}}{{>self}}");
	struct partials partials = {texts, arena};
	struct mustache_options options = {.partial = case_partial, .argument = &partials, .arena = arena};
	assert_true(strlen(rendered(arena, "{{>self}}", "{}", &options)) <= 100000);
	json_decref(texts);
	char deep[3000] = "";
	for (int i = 0; i < 200; i++)
		strcat(deep, "{{#a}}");
	assert_non_null(strstr(rendered(arena, deep, "{}", &options), "nested too deeply"));
	arena_free(arena);
}

int main(int count, char **argument)
{
	cases_directory = count > 1 ? argument[1] : "mustache-spec";
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_the_specification),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(calls_lambdas),
	    cmocka_unit_test(decides_what_is_true),
	    cmocka_unit_test(looks_at_common_last),
	    cmocka_unit_test(keeps_overrides_apart),
	    cmocka_unit_test(ends_what_recurses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
