// doctor.c: `narada doctor`: looks at everything the service needs, says what is wrong and what to do.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rows.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/embedded_sql.h"
#include "cli/links.h"
#include "cli/mail.h"
#include "cli/options.h"
#include "db/session.h"
#include "http/http.h"
#include "mail/mail.h"
#include "represent/words.h"
#include "service.h"

enum { LEAST_MB = 200, MOST_SKEW_SECONDS = 2, OLDEST_VERSION = 15 };

static int faults; // what the exit code tells

__attribute__((format(printf, 2, 3))) static void report(bool good, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs(good ? "  ok     " : "  WRONG  ", stdout);
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	faults += !good;
}

static void look_at_secret(const struct options *options)
{
	const char *path = options->value[OPTION_SECRET_FILE];
	struct stat about;
	if (path == NULL)
		path = arena_print(options->arena, "%s/secret.key", options->value[OPTION_DATA]);
	if (stat(path, &about) != 0)
		report(
		    errno == ENOENT, "secret key: %s %s", path, errno == ENOENT ? "is not there yet; the first start makes it" : strerror(errno));
	else if ((about.st_mode & 077) != 0)
		report(false, "secret key: %s can be read by others. Run: chmod 600 %s", path, path);
	else
		report(about.st_size == SECRET_KEY_BYTES, "secret key: %s has %lld bytes%s", path, (long long)about.st_size,
		    about.st_size == SECRET_KEY_BYTES ? "" : "; it should have 32. Restore it from a backup: links already sent depend on it");
}

static void look_at_disk(const struct options *options)
{
	struct statvfs disk;
	const char *data = options->value[OPTION_DATA];
	if (statvfs(data, &disk) != 0) {
		report(errno == ENOENT, "disk: %s %s", data, errno == ENOENT ? "is not there yet; the first start makes it" : strerror(errno));
		return;
	}
	unsigned long long free_mb = (unsigned long long)disk.f_bavail * disk.f_frsize / 1024 / 1024;
	report(free_mb >= LEAST_MB, "disk: %llu MB free under %s%s", free_mb, data,
	    free_mb >= LEAST_MB ? "" : ". The database needs room: free some");
}

static void look_at_zones(const struct options *options)
{
	const char *warsaw = words_start() ? words_date(options->arena, "en", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_TIME) : NULL;
	bool good = warsaw != NULL && strcmp(warsaw, "10:00") == 0;
	report(good, "zone data: 09:00 UTC is %s in Warsaw%s", warsaw ? warsaw : "unknown", good ? "" : ". Install ICU's data (libicu72)");
}

static void look_at_port(const struct options *options)
{
	struct service_options with = {.host = options->value[OPTION_HOST], .port = options->value[OPTION_PORT]};
	int listener = http_listen(with.host, with.port, true);
	if (listener >= 0)
		report(true, "port: %s is free", with.port);
	else if (errno == EADDRINUSE)
		report(true, "port: %s is in use, by a running narada or by another program", with.port);
	else
		report(false, "port: %s", service_cannot_listen(&with, options->arena));
	if (listener >= 0)
		close(listener);
}

static void look_at_mail(const struct options *options)
{
	struct outbox_options outbox;
	struct mail_result result;
	const char *why;
	if (!mail_settings(&outbox, options, options->arena, &why)) {
		report(false, "mail: %s", why);
		return;
	}
	if (outbox.mail.smtp_url == NULL) {
		report(true, "mail: no server is set (NARADA_SMTP_URL), so mails are left as files in %s", outbox.mail.folder);
		return;
	}
	struct mail_delivery *delivery = mail_delivery_new(&outbox.mail);
	mail_try(delivery, &result);
	report(result.outcome == MAIL_SENT, "mail: the server %s%s%s",
	    result.outcome == MAIL_SENT ? "takes mails from " : "says: ", result.outcome == MAIL_SENT ? outbox.from.address : result.reason,
	    result.outcome == MAIL_SENT ? "" : ". Look at --smtp-url and --smtp-tls; invitations wait until it answers");
	mail_delivery_free(delivery);
}

static void look_at_schema(const struct options *options, const struct database *database)
{
	const char *why;
	int missing = migrate_missing(database->owner, embedded_migrations, embedded_migration_count, options->arena, &why);
	if (missing < 0)
		report(false, "schema: %s", why);
	else
		report(missing == 0, missing == 0 ? "schema: up to date, %d migrations" : "schema: %d migrations are missing. Run: narada migrate",
		    missing == 0 ? embedded_migration_count : missing);
}

static void look_at_clock(const char *database_now)
{
	struct tm there = {0};
	bool read = strptime(database_now, "%Y-%m-%d %H:%M:%S", &there) != NULL;
	long skew = read ? labs((long)(timegm(&there) - time(NULL))) : -1;
	report(read && skew <= MOST_SKEW_SECONDS, "clock: %ld s from the database's%s", skew,
	    skew <= MOST_SKEW_SECONDS ? "" : ". Links and sessions expire by the clock: let both machines use NTP");
}

static void look_at_answers(const struct rows *rows)
{
	const char *version = rows_text(rows, 0, "version"), *encoding = rows_text(rows, 0, "encoding");
	report(strtol(version, NULL, 10) >= OLDEST_VERSION, "database: PostgreSQL %s%s", version,
	    strtol(version, NULL, 10) >= OLDEST_VERSION ? "" : ". Narada needs 15 or newer");
	report(strcmp(encoding, "UTF8") == 0, "database: encoding %s%s", encoding,
	    strcmp(encoding, "UTF8") == 0 ? "" : ". Create it anew with encoding UTF8");
	bool durable = strcmp(rows_text(rows, 0, "fsync"), "on") == 0 && strcmp(rows_text(rows, 0, "synchronous_commit"), "off") != 0;
	report(durable, "database: fsync %s, synchronous_commit %s%s", rows_text(rows, 0, "fsync"), rows_text(rows, 0, "synchronous_commit"),
	    durable ? "" : ". An answer that was confirmed may be lost: switch both on");
	report(strcmp(rows_text(rows, 0, "zones"), "2") == 0, "database: zone data%s",
	    strcmp(rows_text(rows, 0, "zones"), "2") == 0 ? "" : " is missing: install tzdata");
	report(strcmp(rows_text(rows, 0, "collations"), "2") == 0, "database: ICU collations%s",
	    strcmp(rows_text(rows, 0, "collations"), "2") == 0 ? "" : " are missing: PostgreSQL must be built with ICU");
	report(strcmp(rows_text(rows, 0, "roles"), "2") == 0, "database: roles narada_owner and narada_service%s",
	    strcmp(rows_text(rows, 0, "roles"), "2") == 0 ? "" : " are missing: narada migrate makes them");
	look_at_clock(rows_text(rows, 0, "now"));
}

static void look_at_database(const struct options *options)
{
	struct database database = {0};
	struct rows rows;
	const char *why;
	if (!database_open(&database, options, options->arena, &why)) {
		report(false, "database: %s", why);
		return;
	}
	struct session *session = session_open(database.owner, options->arena, &why);
	if (session == NULL || !database_ask(session, "cli_doctor", NULL, &rows, &why))
		report(false, "database: %s", why);
	else
		look_at_answers(&rows);
	session_close(session);
	if (session != NULL)
		look_at_schema(options, &database);
	database_close(&database);
}

int command_doctor(struct arena *process, int count, char **arguments)
{
	struct options options;
	int code;
	if (!command_options(process, &options, FOR_DOCTOR,
	        "narada doctor: looks at everything the service needs. The exit code is 1 when something is wrong.", count, arguments, &code))
		return code;
	look_at_secret(&options);
	look_at_disk(&options);
	look_at_zones(&options);
	look_at_port(&options);
	look_at_mail(&options);
	look_at_database(&options);
	printf(faults == 0 ? "All is well.\n" : faults == 1 ? "One thing is wrong.\n" : "%d things are wrong.\n", faults);
	return faults == 0 ? 0 : 1;
}
