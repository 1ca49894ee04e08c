// route.c: which operation a method and a path are: a walk down the tree of segments that the build made.
#include "contract/contract.h"

#include <string.h>

#include "base/arena.h"
#include "contract/inside.h"
#include "contract/tables.h"

enum { MAX_SEGMENTS = 16 };

struct route {
	int count;
	const char *segment[MAX_SEGMENTS]; // decoded
	short taken[MAX_SEGMENTS];         // which segments are parameters, in order
	int parameters;
	int method; // must be answered by the node; -1: any
};

static int method_index(const char *method)
{
	static const char *const names[CONTRACT_METHODS] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	for (int i = 0; i < CONTRACT_METHODS; i++)
		if (!strcmp(names[i], method))
			return i;
	return -1;
}

static const struct contract_node *literal_child(const struct contract_node *node, const char *segment)
{
	int low = node->first_literal, high = low + node->literals;
	while (low < high) {
		int middle = (low + high) / 2, order = strcmp(segment, contract_nodes[middle].segment);
		if (!order)
			return &contract_nodes[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

// Literal segments beat parameters, unless that leads nowhere.
static const struct contract_node *find(struct route *route, const struct contract_node *node, int at)
{
	if (at == route->count)
		return node->allow && (route->method < 0 || node->operation[route->method] >= 0) ? node : NULL;
	const struct contract_node *child = literal_child(node, route->segment[at]), *found = child ? find(route, child, at + 1) : NULL;
	if (found || !node->parameter)
		return found;
	int before = route->parameters;
	route->taken[route->parameters++] = (short)at;
	found = find(route, &contract_nodes[node->parameter], at + 1);
	if (!found)
		route->parameters = before;
	return found;
}

static bool split(struct route *route, const char *path, struct arena *arena, struct problem *why)
{
	route->count = 0;
	if (*path != '/')
		return refuse(why, PROBLEM_NOT_FOUND, NULL, NULL);
	if (!path[1])
		return true;
	while (*path) {
		size_t length = strcspn(++path, "/");
		if (!length || route->count == MAX_SEGMENTS)
			return refuse(why, PROBLEM_NOT_FOUND, NULL, NULL);
		const char *segment = contract_decode(arena, path, length, false);
		if (!segment)
			return refuse(why, PROBLEM_BAD_REQUEST, "The path is not percent-encoded UTF-8.", "bad_path");
		route->segment[route->count++] = segment;
		path += length;
	}
	return true;
}

// The representation that the last segment's suffix names; *stem is the segment without it.
static unsigned suffix_form(const char *segment, const char **stem, struct arena *arena)
{
	const char *dot = strrchr(segment, '.');
	const struct contract_medium *medium = dot && dot > segment ? contract_medium_by_suffix(dot) : NULL;
	if (!medium)
		return 0;
	*stem = arena_slice(arena, segment, (size_t)(dot - segment));
	return medium->form;
}

static const struct contract_node *find_whole(struct route *route)
{
	route->parameters = 0;
	return find(route, contract_nodes, 0);
}

// `/meetings.csv` is `/meetings` as CSV, if it has that; but a path that is written with its suffix in the contract comes first.
static const struct contract_node *find_get(struct route *route, unsigned *form, struct arena *arena)
{
	const struct contract_node *whole = find_whole(route);
	const char *last = route->count ? route->segment[route->count - 1] : "", *stem;
	unsigned suffix = route->count ? suffix_form(last, &stem, arena) : 0;
	if (!suffix || (whole && whole->segment))
		return whole;
	route->segment[route->count - 1] = stem;
	const struct contract_node *node = find_whole(route);
	if (node && contract_operations[node->operation[0]].forms & suffix) {
		*form = suffix;
		return node;
	}
	route->segment[route->count - 1] = last;
	return find_whole(route);
}

// A path parameter that does not fit its schema names nothing.
static bool take_parameters(struct contract_match *match, const struct route *route, struct arena *arena)
{
	const struct contract_operation *operation = match->operation;
	struct problem ignored = {0};
	struct check check = {.arena = arena, .why = &ignored};
	match->path_value = arena_alloc(arena, sizeof *match->path_value * ((size_t)operation->path_parameters + 1));
	for (int i = 0; i < operation->path_parameters && i < route->parameters; i++) {
		const char *text = route->segment[route->taken[i]];
		const struct contract_schema *schema = operation->path_parameter[i].schema;
		if (schema->types & TYPE_STRING) {
			match->path_value[i] = check_text(&check, schema, text, &(struct place){.name = ""});
			continue;
		}
		json_auto_t *value = form_leaf(schema, text, arena);
		check_value(&check, schema, value, &(struct place){.name = ""});
		match->path_value[i] = arena_copy(arena, value_text(value, arena));
	}
	return !check.faults;
}

static bool refuse_method(struct contract_match *match, struct route *route, const char *method, struct problem *why)
{
	route->method = -1;
	const struct contract_node *node = find_whole(route);
	if (!node)
		return refuse(why, PROBLEM_NOT_FOUND, NULL, NULL);
	match->allow = node->allow;
	if (!strcmp(method, "OPTIONS"))
		return true;
	refuse(why, PROBLEM_METHOD, NULL, NULL);
	why->allow = node->allow;
	return false;
}

bool contract_route(struct contract_match *match, const char *method, const char *path, struct arena *arena, struct problem *why)
{
	struct route route;
	*match = (struct contract_match){.head = !strcmp(method, "HEAD")};
	route.method = method_index(match->head ? "GET" : method);
	if (!strcmp(path, "*") && !strcmp(method, "OPTIONS")) {
		match->allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
		return true;
	}
	if (!split(&route, path, arena, why))
		return false;
	const struct contract_node *node = NULL;
	if (route.method == 0)
		node = find_get(&route, &match->form, arena);
	else if (route.method > 0)
		node = find_whole(&route);
	if (!node)
		return refuse_method(match, &route, method, why);
	match->operation = &contract_operations[node->operation[route.method]];
	match->allow = node->allow;
	return take_parameters(match, &route, arena) || refuse(why, PROBLEM_NOT_FOUND, NULL, NULL);
}
