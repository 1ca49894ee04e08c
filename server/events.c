// events.c: answers that stay open, and get a line when there is something new.
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "loop/loop.h"
#include "serve.h"

enum {
	MAX_LISTENERS = 2000, // of a loop
	BEAT_MS = 20 * 1000,  // so that proxies keep the connection, and one that is dead is noticed
	MAX_MS = 600 * 1000,  // then the browser asks again, and whoever may not any more is told so
	TEXT = 256,
};

struct listener {
	struct events *events;
	struct http_request *request;
	struct listener *before, *next;
	const char *topic;
	int64_t until;
	bool changed, beats; // what it has not been told yet
	bool hungry;         // http asked for bytes and got none
	char text[TEXT];     // being sent
	size_t length, taken;
};

struct events {
	struct loop *loop;
	struct listener *first;
	int listeners;
	bool beating, ended;
};

struct events *events_new(struct loop *loop)
{
	struct events *events = calloc(1, sizeof *events);
	if (events == NULL)
		abort();
	events->loop = loop;
	return events;
}

void events_free(struct events *events)
{
	free(events);
}

// What is to be said next; false: nothing.
static bool say(struct listener *listener)
{
	int length = 0;
	if (listener->changed)
		length = snprintf(listener->text, TEXT, "event: change\ndata: {\"topic\":\"%s\"}\n\n", listener->topic);
	else if (listener->beats)
		length = snprintf(listener->text, TEXT, ":\n\n");
	listener->changed = listener->beats = false;
	listener->length = (size_t)length;
	listener->taken = 0;
	return length > 0;
}

static long give(void *source, char *into, size_t room)
{
	struct listener *listener = source;
	if (listener->taken == listener->length && !say(listener)) {
		if (listener->events->ended || loop_now(listener->events->loop) >= listener->until)
			return HTTP_END;
		listener->hungry = true;
		return 0;
	}
	size_t left = listener->length - listener->taken, size = left < room ? left : room;
	memcpy(into, listener->text + listener->taken, size);
	listener->taken += size;
	return (long)size;
}

static void left(void *source)
{
	struct listener *listener = source;
	*(listener->before ? &listener->before->next : &listener->events->first) = listener->next;
	if (listener->next != NULL)
		listener->next->before = listener->before;
	listener->events->listeners--;
}

// http may end the answer, and with it the listener, at once.
static void wake(struct listener *listener)
{
	if (!listener->hungry)
		return;
	listener->hungry = false;
	http_more(listener->request);
}

static void beat(void *argument)
{
	struct events *events = argument;
	events->beating = events->first != NULL && !events->ended;
	for (struct listener *listener = events->first, *next; listener != NULL; listener = next) {
		next = listener->next;
		listener->beats = true;
		wake(listener);
	}
	if (events->beating)
		loop_after(events->loop, BEAT_MS, beat, events);
}

void events_end(struct events *events)
{
	events->ended = true;
	for (struct listener *listener = events->first, *next; listener != NULL; listener = next) {
		next = listener->next;
		wake(listener);
	}
}

bool events_answer(struct visit *visit, struct http_response *response)
{
	struct events *events = visit->loop->events;
	const struct rows *rows = act_rows(visit, NULL);
	if (events->listeners >= MAX_LISTENERS)
		return refuse(&visit->why, PROBLEM_BUSY, "Too many devices listen already.", "busy");
	response->type = "text/event-stream";
	response->cache = "no-store";
	http_set(response, "X-Accel-Buffering", "no"); // a proxy that gathers answers would keep all events to itself
	if (visit->match.head)
		return true;
	struct listener *listener = arena_alloc(visit->arena, sizeof *listener);
	*listener = (struct listener){.events = events,
	    .request = visit->request,
	    .next = events->first,
	    .topic = arena_copy(visit->arena, rows_text(rows, 0, "topic")),
	    .until = loop_now(events->loop) + MAX_MS,
	    .beats = true}; // the first bytes say that it works
	if (events->first != NULL)
		events->first->before = listener;
	events->first = listener;
	events->listeners++;
	if (!events->beating)
		loop_after(events->loop, BEAT_MS, beat, events);
	events->beating = true;
	response->read = give;
	response->read_done = left;
	response->source = listener;
	return true;
}

struct news {
	struct events *events;
	char topic[]; // "" is all
};

static void hear(void *argument)
{
	struct news *news = argument;
	for (struct listener *listener = news->events->first, *next; listener != NULL; listener = next) {
		next = listener->next;
		if (news->topic[0] != '\0' && strcmp(news->topic, listener->topic) != 0)
			continue;
		listener->changed = true;
		wake(listener);
	}
	free(news);
}

void events_tell(struct service *service, const char *topic)
{
	size_t length = topic ? strlen(topic) : 0;
	for (int i = 0; i < service->loops; i++) {
		struct news *news = malloc(sizeof *news + length + 1);
		if (news == NULL)
			abort();
		news->events = service->loop[i].events;
		memcpy(news->topic, topic ? topic : "", length + 1);
		if (news->events == NULL || !loop_post(service->loop[i].loop, hear, news))
			free(news);
	}
}
