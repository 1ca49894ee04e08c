// mail.h: how mails leave, as the options say it.
#pragma once

#include <stdbool.h>

struct arena;
struct options;
struct outbox_options;

// Fills `mail` and `from` of *outbox. False: *why is a sentence.
bool mail_settings(struct outbox_options *outbox, const struct options *options, struct arena *arena, const char **why);
