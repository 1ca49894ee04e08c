// sender.c: a thread that delivers what it is given, one mail after the other.
#include "mail/sender.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"

struct mail_sender {
	struct mail_delivery *delivery;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	const struct mail_message *message; // to be delivered; NULL: nothing to do
	const char *file;
	mail_done *done;
	void *argument;
	bool stopping;
};

// Gives what is to be delivered next; false: stop.
static bool next(struct mail_sender *sender, struct mail_sender *job)
{
	pthread_mutex_lock(&sender->lock);
	while (sender->message == NULL && !sender->stopping)
		pthread_cond_wait(&sender->wake, &sender->lock);
	bool there = sender->message != NULL;
	job->message = sender->message;
	job->file = sender->file;
	job->done = sender->done;
	job->argument = sender->argument;
	sender->message = NULL;
	pthread_mutex_unlock(&sender->lock);
	return there;
}

static void *run(void *argument)
{
	struct mail_sender *sender = argument, job;
	while (next(sender, &job)) {
		struct mail_result result;
		mail_deliver(sender->delivery, job.message, job.file, &result);
		job.done(&result, job.argument);
	}
	log_thread_done();
	return NULL;
}

// Signals are for the main thread.
static int start_thread(struct mail_sender *sender)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&sender->thread, NULL, run, sender);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct mail_sender *mail_sender_new(const struct mail_options *options)
{
	struct mail_sender *sender = calloc(1, sizeof *sender);
	if (sender == NULL)
		abort();
	sender->delivery = mail_delivery_new(options);
	pthread_mutex_init(&sender->lock, NULL);
	pthread_cond_init(&sender->wake, NULL);
	if (start_thread(sender) == 0)
		return sender;
	mail_delivery_free(sender->delivery);
	free(sender);
	return NULL;
}

void mail_sender_send(struct mail_sender *sender, const struct mail_message *message, const char *file, mail_done *done, void *argument)
{
	pthread_mutex_lock(&sender->lock);
	sender->message = message;
	sender->file = file;
	sender->done = done;
	sender->argument = argument;
	pthread_cond_signal(&sender->wake);
	pthread_mutex_unlock(&sender->lock);
}

void mail_sender_free(struct mail_sender *sender)
{
	if (sender == NULL)
		return;
	pthread_mutex_lock(&sender->lock);
	sender->stopping = true;
	pthread_cond_signal(&sender->wake);
	pthread_mutex_unlock(&sender->lock);
	pthread_join(sender->thread, NULL);
	mail_delivery_free(sender->delivery);
	pthread_mutex_destroy(&sender->lock);
	pthread_cond_destroy(&sender->wake);
	free(sender);
}
