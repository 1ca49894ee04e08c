// limits.c: what one address of the network may do only so often: guess at links, and have mails sent to addresses that anybody can type.
//
// A link that is right is never refused for its address: many people share one, and somebody among them may be guessing.
#include "serve.h"

#include <string.h>

#include "base/limiter.h"
#include "loop/loop.h"

static const struct limiter_rule rules[LIMITS] = {
    [LIMIT_LINKS] = {"links", 30, 60},
    [LIMIT_SIGN_IN] = {"sign_in", 30, 600},
    [LIMIT_REGISTER] = {"registrations", 30, 600},
    // Short enough to be typed, so all attempts count. A hall full of people may share one address.
    [LIMIT_CODES] = {"codes", 300, 60},
};

static const struct {
	const char *operation;
	enum limit limit;
} limited[] = {
    {"request_sign_in", LIMIT_SIGN_IN},
    {"create_registration", LIMIT_REGISTER},
    {"arrive_rsvp", LIMIT_CODES},
    {"read_room", LIMIT_CODES},
    {"arrive_room", LIMIT_CODES},
};

void limits_open(struct serve_loop *loop)
{
	for (int i = 0; i < LIMITS; i++)
		loop->limiter[i] = limiter_new(&rules[i]);
}

void limits_close(struct serve_loop *loop)
{
	for (int i = 0; i < LIMITS; i++)
		limiter_free(loop->limiter[i]);
}

static bool take(struct visit *visit, enum limit limit)
{
	int wait;
	if (limiter_take(visit->loop->limiter[limit], visit->request->peer, loop_now(visit->loop->loop), &wait))
		return true;
	refuse(&visit->why, PROBLEM_TOO_MANY, "There were too many such requests from this address. Wait a while.", "too_many_requests");
	visit->why.retry_after = wait;
	visit->why.limit = &rules[limit];
	return false;
}

bool limits_guess(struct visit *visit)
{
	if (!take(visit, LIMIT_LINKS))
		return false;
	return refuse(&visit->why, PROBLEM_NOT_FOUND, "This link leads to nothing. Check that it was copied whole.", "no_such_link");
}

bool limits_guessed(struct visit *visit)
{
	if (visit->why.kind == PROBLEM_NOT_FOUND && visit_holds_token(visit))
		take(visit, LIMIT_LINKS);
	return false;
}

bool limits_allow(struct visit *visit)
{
	for (size_t i = 0; i < sizeof limited / sizeof limited[0]; i++) {
		if (strcmp(limited[i].operation, visit->operation->id) == 0)
			return take(visit, limited[i].limit);
	}
	return true;
}
