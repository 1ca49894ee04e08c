// library.c: loads the libraries that draw.
#define LIBRARY_TABLE
#include "print/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#define ENTRY(name) {#name, offsetof(struct library, name)},

struct entry {
	const char *name;
	size_t place;
};

// clang-format off
static const struct entry of_cairo[] = {LIBRARY_CAIRO(ENTRY) {NULL, 0}};
static const struct entry of_pango_cairo[] = {LIBRARY_PANGO_CAIRO(ENTRY) {NULL, 0}};
static const struct entry of_pango[] = {LIBRARY_PANGO(ENTRY) {NULL, 0}};
static const struct entry of_fontconfig[] = {LIBRARY_FONTCONFIG(ENTRY) {NULL, 0}};
// clang-format on

static const struct {
	const char *file;
	const struct entry *entry;
} files[] = {
    {"libcairo.so.2", of_cairo},
    {"libpangocairo-1.0.so.0", of_pango_cairo},
    {"libpango-1.0.so.0", of_pango},
    {"libfontconfig.so.1", of_fontconfig},
};

struct library library;
static bool is_open;

static bool fill(void *file, const struct entry *entry)
{
	for (; entry->name; entry++) {
		void *found = dlsym(file, entry->name);
		if (!found)
			return false;
		*(void **)((char *)&library + entry->place) = found;
	}
	return true;
}

// They stay until the process ends.
static void load(void)
{
	bool whole = true;
	for (size_t i = 0; i < sizeof files / sizeof files[0] && whole; i++) {
		void *file = dlopen(files[i].file, RTLD_NOW | RTLD_LOCAL);
		whole = file && fill(file, files[i].entry);
	}
	is_open = whole;
}

bool library_open(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return is_open;
}
