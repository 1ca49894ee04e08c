// words.c: the embedded words as one immortal tree per language, and which language a reader gets.
#include "represent/words.h"

#include <string.h>
#include <strings.h>

#include <unicode/uloc.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/weight.h"
#include "represent/page.h"

enum { MAX_LANGUAGES = 32, MAX_CODE = 8, MAX_NAME = 64 };

static struct language {
	char code[MAX_CODE];
	char name[MAX_NAME]; // in itself
	json_t *tree;
	UPluralRules *plurals; // selecting from them is safe in any thread
} languages[MAX_LANGUAGES];
static int language_count;
static const char *codes[MAX_LANGUAGES + 1];

static struct language *find_language(const char *code, size_t length)
{
	for (int i = 0; i < language_count; i++)
		if (strlen(languages[i].code) == length && strncasecmp(languages[i].code, code, length) == 0)
			return &languages[i];
	return NULL;
}

// A count that never moves makes sharing free: no thread writes to what all of them read.
static void make_immortal(json_t *value)
{
	const char *key;
	json_t *inner;
	json_object_foreach(value, key, inner) make_immortal(inner);
	size_t index;
	json_array_foreach(value, index, inner) make_immortal(inner);
	value->refcount = (size_t)-1;
}

static void name_language(struct language *language)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar name[MAX_NAME];
	uloc_getDisplayLanguage(language->code, language->code, name, MAX_NAME, &status);
	u_strToUTF8(language->name, MAX_NAME, NULL, name, -1, &status);
	if (U_FAILURE(status))
		memcpy(language->name, language->code, sizeof language->code);
}

static struct language *language_of(const char *code, size_t length)
{
	struct language *language = find_language(code, length);
	if (language || length >= MAX_CODE || language_count == MAX_LANGUAGES)
		return language;
	language = &languages[language_count++];
	memcpy(language->code, code, length);
	language->code[length] = '\0';
	language->tree = json_object();
	UErrorCode status = U_ZERO_ERROR;
	language->plurals = uplrules_open(language->code, &status);
	name_language(language);
	codes[language_count - 1] = language->code;
	return U_SUCCESS(status) ? language : NULL;
}

// "words/pl/meeting.json" becomes the member `meeting` of the tree of `pl`.
static bool load(const struct embedded_file *file)
{
	const char *code = file->name + strlen("words/"), *slash = strchr(code, '/');
	struct language *language = slash ? language_of(code, (size_t)(slash - code)) : NULL;
	json_t *subject = json_loadb(file->data, file->length, 0, NULL);
	if (!language || !subject) {
		json_decref(subject);
		return false;
	}
	char name[MAX_NAME] = "";
	strncat(name, slash + 1, MAX_NAME - 1);
	name[strcspn(name, ".")] = '\0';
	return json_object_set_new(language->tree, name, subject) == 0;
}

bool words_start(void)
{
	if (language_count)
		return true;
	bool good = true;
	for (int i = 0; i < embedded_web_count; i++)
		if (strncmp(embedded_web[i].name, "words/", strlen("words/")) == 0)
			good = load(&embedded_web[i]) && good;
	for (int i = 0; i < language_count; i++)
		make_immortal(languages[i].tree);
	return good;
}

const char *const *words_languages(void)
{
	return codes;
}

const char *words_language_name(const char *language)
{
	const struct language *found = find_language(language, strlen(language));
	return found ? found->name : NULL;
}

static const struct language *preset(const char *fallback)
{
	const struct language *found = fallback ? find_language(fallback, strcspn(fallback, "-_")) : NULL;
	if (!found)
		found = find_language("pl", 2);
	return found ? found : language_count ? languages : NULL;
}

const char *words_language(const char *accept_language, const char *fallback)
{
	const struct language *usual = preset(fallback), *best = NULL;
	int best_weight = 0;
	const char *at = accept_language ? accept_language : "";
	while (*at) {
		at += strspn(at, ", \t");
		size_t length = strcspn(at, ","), tag = strcspn(at, ",;- \t");
		const struct language *found = tag == 1 && *at == '*' ? usual : find_language(at, tag);
		int wanted = weight_of(at, length);
		if (found && wanted > best_weight) {
			best = found;
			best_weight = wanted;
		}
		at += length;
	}
	best = best ? best : usual;
	return best ? best->code : "pl";
}

json_t *words_tree(const char *language)
{
	const struct language *found = find_language(language, strlen(language));
	return found ? found->tree : NULL;
}

static json_t *find(const char *language, const char *key)
{
	json_t *value = words_tree(language);
	while (value) {
		size_t length = strcspn(key, ".");
		value = json_object_getn(value, key, length);
		if (!key[length])
			break;
		key += length + 1;
	}
	return value;
}

const char *words_text(const char *language, const char *key)
{
	return json_string_value(find(language, key));
}

static const char *plural_text(const struct language *language, const json_t *forms, long n)
{
	UChar keyword[16];
	char category[16] = "other";
	UErrorCode status = U_ZERO_ERROR;
	int32_t length = uplrules_select(language->plurals, (double)n, keyword, 16, &status);
	if (U_SUCCESS(status) && length < 16)
		u_UCharsToChars(keyword, category, length), category[length] = '\0';
	const char *text = json_string_value(json_object_get(forms, category));
	return text ? text : json_string_value(json_object_get(forms, "other"));
}

char *words_count(struct arena *arena, const char *language, const char *key, long n)
{
	const struct language *found = find_language(language, strlen(language));
	json_t *forms = find(language, key);
	if (!found || !forms)
		return NULL;
	const char *text = json_is_string(forms) ? json_string_value(forms) : plural_text(found, forms, n);
	if (!text)
		return NULL;
	struct buffer out;
	buffer_init(&out, arena);
	for (const char *hole; (hole = strstr(text, "{n}")); text = hole + 3) {
		buffer_add(&out, text, (size_t)(hole - text));
		buffer_print(&out, "%ld", n);
	}
	buffer_puts(&out, text);
	return out.data;
}
