// view.h: what the parts of a page's rendering share. Private to represent/: page.c, lambdas.c, field.c.
#pragma once

#include "represent/mustache.h"

struct view { // the `argument` of every lambda
	const char *language;
};

extern const struct mustache_lambda view_lambdas[];

const struct mustache *view_template(const char *name, void *argument); // NULL if there is none
// The IANA zone in which this scope's times are shown; never NULL.
const char *view_zone(const struct mustache_scope *scope);
// "problem_code" of `problem.problem_code` as it can be shown when nobody translated it.
char *view_untranslated(struct arena *arena, const char *key);

// The lambda `field`.
char *field_render(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena);
