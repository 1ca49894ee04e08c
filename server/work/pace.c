// pace.c: for each domain, when its next mail may go, how many are on their way, and how often in a row it said "later".
#include "work/pace.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_ROOM = 64,
	PATIENCE = 3, // "later" for one mail is its mailbox's or greylisting; for so many in a row it is the domain's
	LONGEST_PAUSE_MS = 30 * 60000,
	FULL_MS = 1000, // until it is looked again whether one of those on their way has arrived
};

struct domain {
	char *name;
	int64_t slot; // nobody else's mail goes before
	int64_t shut; // until then it gets none
	int on_the_way;
	int later; // in a row
};

struct pace {
	struct pace_rule rule;
	struct domain *domain; // in no order: some are in use at a time, and the others are forgotten
	int count, room;
};

struct pace *pace_new(const struct pace_rule *rule)
{
	struct pace *pace = calloc(1, sizeof *pace);
	if (pace == NULL)
		abort();
	pace->rule = *rule;
	return pace;
}

void pace_free(struct pace *pace)
{
	if (pace == NULL)
		return;
	for (int i = 0; i < pace->count; i++)
		free(pace->domain[i].name);
	free(pace->domain);
	free(pace);
}

static struct domain *find(const struct pace *pace, const char *name)
{
	for (int i = 0; i < pace->count; i++) {
		if (strcmp(pace->domain[i].name, name) == 0)
			return &pace->domain[i];
	}
	return NULL;
}

// Of those nothing is left to know.
static void forget(struct pace *pace, int64_t now_ms)
{
	int kept = 0;
	for (int i = 0; i < pace->count; i++) {
		struct domain *domain = &pace->domain[i];
		if (domain->on_the_way == 0 && domain->slot <= now_ms && domain->shut <= now_ms && domain->later == 0)
			free(domain->name);
		else
			pace->domain[kept++] = *domain;
	}
	pace->count = kept;
}

static struct domain *make(struct pace *pace, const char *name, int64_t now_ms)
{
	forget(pace, now_ms);
	if (pace->count == pace->room) {
		pace->room = pace->room > 0 ? 2 * pace->room : FIRST_ROOM;
		pace->domain = realloc(pace->domain, (size_t)pace->room * sizeof *pace->domain);
	}
	char *copy = strdup(name);
	if (pace->domain == NULL || copy == NULL)
		abort();
	struct domain *domain = &pace->domain[pace->count++];
	*domain = (struct domain){.name = copy, .slot = now_ms};
	return domain;
}

static int64_t later_of(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

int64_t pace_ask(struct pace *pace, const char *name, bool waited, int64_t now_ms)
{
	struct domain *domain = find(pace, name);
	if (domain == NULL)
		domain = make(pace, name, now_ms);
	int64_t step = pace->rule.each_second > 0 ? 1000 / pace->rule.each_second : 0;
	bool full = pace->rule.at_once > 0 && domain->on_the_way >= pace->rule.at_once;
	bool shut = domain->shut > now_ms;
	if (!full && !shut && (waited || step == 0 || domain->slot <= now_ms)) {
		if (!waited)
			domain->slot = later_of(domain->slot, now_ms) + step;
		domain->on_the_way++;
		return 0;
	}
	// Those who wait come one after the other, whatever they wait for.
	int64_t earliest = shut ? domain->shut : now_ms + (full ? FULL_MS : 1);
	int64_t when = later_of(domain->slot, earliest);
	domain->slot = when + (step > 0 ? step : 1);
	return when - now_ms;
}

void pace_told(struct pace *pace, const char *name, enum pace_answer answer, int64_t now_ms)
{
	struct domain *domain = find(pace, name);
	if (domain == NULL)
		return;
	domain->on_the_way--;
	if (answer == PACE_TAKEN)
		domain->later = 0;
	if (answer != PACE_LATER || ++domain->later < PATIENCE)
		return;
	int doubled = domain->later - PATIENCE < 12 ? domain->later - PATIENCE : 12;
	int64_t pause = (int64_t)pace->rule.pause_ms << doubled;
	domain->shut = now_ms + (pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS);
}
