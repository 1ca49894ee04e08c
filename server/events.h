// events.h: who listens (server-sent events), and is told that something changed.
//
// Room rules: as serve.h. Each loop has its own listeners; events_tell may be called on any of the loops. An event says only that there is
// something new: a listener that was away for a moment asks for all that is new anyway, so that nothing is kept for it.
#pragma once

#include <stdbool.h>

struct events;
struct http_response;
struct loop;
struct service;
struct visit;

struct events *events_new(struct loop *loop);
void events_end(struct events *events);  // every listener's answer ends, and new ones end at once
void events_free(struct events *events); // accepts NULL; after the last answer has ended

// The visit's answer stays open and hears of the `topic` of its row. False: too many listen already (visit->why).
bool events_answer(struct visit *visit, struct http_response *response);
void events_tell(struct service *service, const char *topic); // NULL: perhaps of all
