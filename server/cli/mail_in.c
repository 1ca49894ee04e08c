// mail_in.c: `narada mail-in`: a mail on standard input, as mail systems pipe it.
//
// What it exits with is what they understand (sysexits.h): 0, the mail is done with or kept; 75, try again later. Nothing about a mail
// itself is a failure: a mail system would send it back to people who can do nothing about it.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/drop.h"
#include "base/rows.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/links.h"
#include "cli/options.h"
#include "contract/contract.h"
#include "db/db.h"
#include "db/session.h"
#include "mail/incoming.h"
#include "mail/mail.h"

static const char help[] =
    "narada mail-in: takes a mail on standard input: an answer from a calendar, a bounce, or whatever else comes to --mail-inbox.\n"
    "Ends with 0 once the mail is done with or kept, with 75 if it should be tried again (the database is away).\n\n"
    "  Postfix, in master.cf:  narada unix - n n - 4 pipe user=narada argv=/usr/bin/narada mail-in --recipient ${original_recipient}\n"
    "  OpenSMTPD:              action \"narada\" mda \"/usr/bin/narada mail-in\" user narada\n\n"
    "What belongs to no platform is left in <data>/incoming as .eml files.";

// All of it, or one byte more than is ever looked at.
static bool read_all(struct buffer *mail)
{
	char piece[64 * 1024];
	for (;;) {
		ssize_t count = read(STDIN_FILENO, piece, sizeof piece);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count == 0;
		// What is beyond is read, so that whoever writes it is not cut off, and forgotten.
		if (mail->length <= INCOMING_MOST_BYTES)
			buffer_add(mail, piece, (size_t)count);
	}
}

// The same mail, brought again, replaces itself.
static bool keep(const struct options *options, const struct buffer *mail, const struct incoming *incoming, const char **why)
{
	struct arena *arena = options->arena;
	const char *folder = arena_print(arena, "%s/incoming", options->value[OPTION_DATA]);
	const char *path = arena_print(arena, "%s/%s.eml", folder, incoming->digest);
	const char *aside = arena_print(arena, "%s/.%s.%d", folder, incoming->digest, (int)getpid());
	(void)mkdir(options->value[OPTION_DATA], 0755);
	(void)mkdir(folder, 0700);
	int made = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
	DROP_FILE FILE *file = made >= 0 ? fdopen(made, "w") : NULL;
	bool written = file != NULL && fwrite(mail->data, 1, mail->length, file) == mail->length && fflush(file) == 0 &&
	               fsync(fileno(file)) == 0 && rename(aside, path) == 0;
	if (written) {
		printf("kept as %s\n", path);
		return true;
	}
	*why = arena_print(arena, "The mail can't be kept as %s: %s.", path, strerror(errno));
	unlink(aside);
	return false;
}

static bool decide(const struct options *options, struct session *session, const struct incoming *incoming, const struct buffer *mail,
    struct rows *rows, const char **why)
{
	struct arena *arena = options->arena;
	const char *values[] = {
	    incoming_facts(incoming, arena), incoming_bytes(mail->data, mail->length, arena), options->value[OPTION_PLATFORM]};
	const struct db_statement *statement = contract_statement("mail_in_receive");
	return session_ask(session, statement->sql, statement->parameters, values, rows, why);
}

// Errors of the connection and of the moment: the next attempt may go well. One about the mail itself would only come again.
static bool is_passing(const char *sqlstate)
{
	static const char *const classes[] = {"08", "40", "53", "55", "57", "58"};
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (strncmp(sqlstate, classes[i], 2) == 0)
			return true;
	}
	return *sqlstate == '\0';
}

static bool is_role(struct session *session, const char *role, struct arena *arena, const char **why)
{
	return role == NULL || session_run(session, arena_print(arena, "set role %s", role), why);
}

static bool receive(const struct options *options, struct database *database, const struct buffer *mail, const char **why)
{
	struct arena *arena = options->arena;
	struct secret_key key;
	struct rows rows;
	struct incoming incoming;
	if (!links_key(&key, options, arena, why) || !database_open(database, options, arena, why))
		return false;
	mail_start();
	incoming_read(&incoming, mail->data, mail->length, options->value[OPTION_RECIPIENT], &key, arena);
	const char *trusted = options->value[OPTION_TRUST_AUTHSERV_ID];
	incoming.forged = trusted != NULL && incoming_is_forged(mail->data, mail->length, trusted);
	struct session *session = session_open(database->service, arena, why);
	if (session == NULL || !is_role(session, database->role, arena, why))
		return false;
	if (!decide(options, session, &incoming, mail, &rows, why)) {
		if (is_passing(session_sqlstate(session)))
			return false;
		fprintf(stderr, "narada: %s\n", *why);
		return keep(options, mail, &incoming, why);
	}
	if (rows.count == 0)
		return keep(options, mail, &incoming, why);
	const char *reason = rows_text(&rows, 0, "reason");
	printf("%s: %s%s%s\n", rows_text(&rows, 0, "kind"), rows_text(&rows, 0, "outcome"), reason ? ", " : "", reason ? reason : "");
	return true;
}

int command_mail_in(struct arena *process, int count, char **arguments)
{
	struct options options;
	struct database database = {0};
	struct buffer mail;
	const char *why = "The mail can't be read.";
	int code;
	if (!command_options(process, &options, FOR_MAIL_IN, help, count, arguments, &code))
		return code == 0 ? 0 : EX_TEMPFAIL; // a setting that is being mended must cost nobody a mail
	buffer_init(&mail, process);
	bool done = read_all(&mail) && receive(&options, &database, &mail, &why);
	database_close(&database);
	if (!done)
		(void)command_failed(why);
	return done ? EX_OK : EX_TEMPFAIL;
}
