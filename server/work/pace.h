// pace.h: how many mails go to one domain at once, and how often: nobody's mail server is flooded, and one that says "later" is left alone
// for a while, without holding up mails to others.
//
// Room rules: libc. One pace belongs to one outbox; each process counts for itself. What is in memory is all there is: after a start every
// domain is as good as new.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pace;

struct pace_rule {
	int each_second; // so many mails to a domain; 0: as many as there are
	int at_once;     // 0: as many as there are
	int pause_ms;    // after some mails in a row that a domain would not take now; doubled with each more
};

struct pace *pace_new(const struct pace_rule *rule); // `rule` is copied
void pace_free(struct pace *pace);                   // accepts NULL

// May a mail to this domain go now? Zero: yes, and pace_told must follow. Else in so many milliseconds: that moment is this mail's, so that
// whoever comes then says `waited` and is not put off for the rate again. `now_ms` is any clock that does not go back.
int64_t pace_ask(struct pace *pace, const char *domain, bool waited, int64_t now_ms);

enum pace_answer {
	PACE_TAKEN,   // or refused for good: the domain answers
	PACE_LATER,   // the domain would not take it now
	PACE_NO_WORD, // nothing was heard from the domain
};
void pace_told(struct pace *pace, const char *domain, enum pace_answer answer, int64_t now_ms);
