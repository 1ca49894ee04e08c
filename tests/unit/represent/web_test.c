// web_test.c: the product's own web/: every template parses, every page renders with nothing in its context, every field finds its partial.
#include "represent/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/words.h"

static void every_page_renders(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *why = NULL;
	if (!page_start(arena, &why))
		fail_msg("%s", why);
	json_t *nothing = json_object();
	int pages = 0;
	for (int i = 0; i < embedded_web_count; i++) {
		const char *name = embedded_web[i].name + strlen("templates/");
		if (strncmp(embedded_web[i].name, "templates/", strlen("templates/")) != 0)
			continue;
		char *page = arena_slice(arena, name, strcspn(name, "."));
		assert_true(page_exists(page));
		for (const char *const *language = words_languages(); *language; language++) {
			struct buffer out;
			buffer_init(&out, arena);
			page_render(&out, page, *language, nothing, arena);
			assert_null(strstr(out.data, "{{"));
		}
		pages++;
	}
	assert_true(pages > 0);
	json_decref(nothing);
	arena_free(arena);
}

static void every_language_is_known(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_true(words_start());
	for (const char *const *language = words_languages(); *language; language++) {
		assert_non_null(words_language_name(*language));
		assert_non_null(words_date(arena, *language, "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_LONG_TIME));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_page_renders), cmocka_unit_test(every_language_is_known)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
