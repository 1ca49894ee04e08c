// sender.h: the thread on which mails are delivered, since that blocks for as long as the server on the other side likes.
//
// Room rules: as mail.h.
#pragma once

#include "mail/mail.h"

struct mail_sender;

typedef void mail_done(const struct mail_result *result, void *argument);

// NULL: no thread could be started. `options` as for mail_delivery_new.
struct mail_sender *mail_sender_new(const struct mail_options *options);
// One at a time: the one before must be done. `message` and `file` live until `done` is called, on the sender's thread.
void mail_sender_send(struct mail_sender *sender, const struct mail_message *message, const char *file, mail_done *done, void *argument);
void mail_sender_free(struct mail_sender *sender); // waits for the one being delivered; accepts NULL
