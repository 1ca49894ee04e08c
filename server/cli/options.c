// options.c: one table of what can be set, and the four places it is read from.
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/drop.h"

static const struct {
	const char *flag, *environment, *key; // key NULL: not in the file
	const char *argument;                 // what help calls the value; NULL: a switch
	const char *preset;
	unsigned commands;
	const char *help;
} table[OPTIONS] = {
    [OPTION_DATA] = {"--data", "NARADA_DATA", "data", "DIRECTORY", "./narada-data", FOR_DATABASE,
        "secrets, and the private database cluster"},
    [OPTION_DATABASE_URL] = {"--database-url", "NARADA_DATABASE_URL", "database_url", "URL", NULL, FOR_DATABASE,
        "libpq URI of a database; without it a private cluster in the data directory"},
    [OPTION_SECRET_FILE] = {"--secret-file", "NARADA_SECRET_FILE", "secret_file", "FILE", NULL,
        FOR_SERVE | FOR_DEMO | FOR_TOKEN | FOR_DOCTOR | FOR_MAIL_IN, "32 random bytes that RSVP links are signed with; <data>/secret.key"},
    [OPTION_CONFIG] = {"--config", "NARADA_CONFIG", NULL, "FILE", NULL, FOR_DATABASE,
        "configuration file; <data>/narada.conf or /etc/narada.conf if there"},
    [OPTION_HOST] = {"--host", "NARADA_HOST", "host", "ADDRESS", "127.0.0.1", FOR_SERVE | FOR_DOCTOR, "where to listen; :: is everywhere"},
    [OPTION_PORT] = {"--port", "NARADA_PORT", "port", "NUMBER", "8080", FOR_SERVE | FOR_DOCTOR | FOR_TOKEN | FOR_DEMO, "where to listen"},
    [OPTION_BASE_URL] = {"--base-url", "NARADA_BASE_URL", "base_url", "URL", NULL, FOR_SERVE | FOR_TOKEN | FOR_DEMO,
        "how people reach the service, for links; http://localhost:<port>"},
    [OPTION_LOOPS] = {"--loops", "NARADA_LOOPS", "loops", "NUMBER", NULL, FOR_SERVE, "event loops (threads); one per core, at most 16"},
    [OPTION_CONNECTIONS] = {"--connections", "NARADA_CONNECTIONS", "connections", "NUMBER", NULL, FOR_SERVE,
        "database connections per loop for what only reads; 2"},
    [OPTION_WRITE_CONNECTIONS] = {"--write-connections", "NARADA_WRITE_CONNECTIONS", "write_connections", "NUMBER", NULL, FOR_SERVE,
        "and for what writes: commits of different connections share one flush of the disk; 12, or 3 with more than 4 loops"},
    [OPTION_MAX_CLIENTS] = {"--max-clients", "NARADA_MAX_CLIENTS", "max_clients", "NUMBER", "4096", FOR_SERVE,
        "open HTTP connections per loop"},
    [OPTION_MAX_CLIENTS_PER_ADDRESS] = {"--max-clients-per-address", "NARADA_MAX_CLIENTS_PER_ADDRESS", "max_clients_per_address", "NUMBER",
        "0", FOR_SERVE, "of those from one address; 0: no limit (behind a proxy)"},
    [OPTION_TRUSTED_PROXIES] = {"--trusted-proxies", "NARADA_TRUSTED_PROXIES", "trusted_proxies", "NETWORKS", NULL, FOR_SERVE,
        "proxies in front, as 127.0.0.1, 10.0.0.0/8: their X-Forwarded-For says who asks; without it all behind one are one address"},
    [OPTION_STATEMENT_TIMEOUT] = {"--statement-timeout", "NARADA_STATEMENT_TIMEOUT", "statement_timeout", "MILLISECONDS", "15000",
        FOR_SERVE, "what the database may take for one statement"},
    [OPTION_SMTP_URL] = {"--smtp-url", "NARADA_SMTP_URL", "smtp_url", "URL", NULL, FOR_SERVE | FOR_DOCTOR,
        "smtp://user:password@host:587 or smtps://…: the server that takes our mails; without it they are left in <data>/outbox as .eml "
        "files"},
    [OPTION_SMTP_TLS] = {"--smtp-tls", "NARADA_SMTP_TLS", "smtp_tls", "HOW", "auto", FOR_SERVE | FOR_DOCTOR,
        "STARTTLS with smtp://: required, none, or auto: required unless the server is this machine"},
    [OPTION_SMTP_CA] = {"--smtp-ca", "NARADA_SMTP_CA", "smtp_ca", "FILE", NULL, FOR_SERVE | FOR_DOCTOR,
        "certificates (PEM) that vouch for the mail server, instead of the system's"},
    [OPTION_SMTP_TIMEOUT] = {"--smtp-timeout", "NARADA_SMTP_TIMEOUT", "smtp_timeout", "SECONDS", "60", FOR_SERVE,
        "what delivering one mail may take"},
    [OPTION_MAIL_FROM] = {"--mail-from", "NARADA_MAIL_FROM", "mail_from", "ADDRESS", NULL, FOR_SERVE | FOR_DOCTOR,
        "whom mails are from: narada@example.org (under the platform's name), or \"Name <narada@example.org>\""},
    [OPTION_MAIL_INBOX] = {"--mail-inbox", "NARADA_MAIL_INBOX", "mail_inbox", "ADDRESS", NULL, FOR_SERVE | FOR_DOCTOR,
        "rsvp@narada.example.org: answers from calendars and bounces come to its plus-addresses, which the mail server pipes to `narada "
        "mail-in`"},
    [OPTION_MAIL_RETRY] = {"--mail-retry", "NARADA_MAIL_RETRY", "mail_retry", "SECONDS", "60", FOR_SERVE,
        "until a mail that could not be sent is tried again; doubled each time, at most four hours"},
    [OPTION_SMTP_CONNECTIONS] = {"--smtp-connections", "NARADA_SMTP_CONNECTIONS", "smtp_connections", "NUMBER", "8", FOR_SERVE,
        "to the mail server at once, at most"},
    [OPTION_DOMAIN_RATE] = {"--domain-rate", "NARADA_DOMAIN_RATE", "domain_rate", "NUMBER", "20", FOR_SERVE,
        "mails a second to addresses of one domain; the others wait for their turn; 0: no limit"},
    [OPTION_DOMAIN_CONNECTIONS] = {"--domain-connections", "NARADA_DOMAIN_CONNECTIONS", "domain_connections", "NUMBER", "4", FOR_SERVE,
        "mails at once to addresses of one domain; 0: no limit"},
    [OPTION_DEMO] = {"--demo", "NARADA_DEMO", "demo", NULL, NULL, FOR_SERVE, "load the demo platforms, print links to try"},
    [OPTION_NO_MIGRATE] = {"--no-migrate", "NARADA_NO_MIGRATE", "no_migrate", NULL, NULL, FOR_SERVE,
        "leave the schema alone: `narada migrate` does it"},
    [OPTION_ACCESS_LOG] = {"--access-log", "NARADA_ACCESS_LOG", "access_log", "on|off", "on", FOR_SERVE, "a line for each request"},
    [OPTION_LOG_LEVEL] = {"--log-level", "NARADA_LOG_LEVEL", "log_level", "LEVEL", "info", FOR_SERVE, "debug, info, warning or error"},
    [OPTION_LOG_FORMAT] = {"--log-format", "NARADA_LOG_FORMAT", "log_format", "FORMAT", "auto", FOR_SERVE,
        "json, text, or auto: text on a terminal"},
    [OPTION_PLATFORM] = {"--platform", NULL, NULL, "SLUG", NULL, FOR_TOKEN | FOR_MAIL_IN,
        "the platform a token is for, or a mail that says nothing of one"},
    [OPTION_RECIPIENT] = {"--recipient", NULL, NULL, "ADDRESS", NULL, FOR_MAIL_IN,
        "whom the mail was delivered to, as the mail server knows it"},
    [OPTION_TRUST_AUTHSERV_ID] = {"--trust-authserv-id", "NARADA_TRUST_AUTHSERV_ID", "trust_authserv_id", "NAME", NULL, FOR_MAIL_IN,
        "the name by which the mail server signs its Authentication-Results: answers that fail DMARC there are refused"},
    [OPTION_ROLE] = {"--role", NULL, NULL, "ROLE", "organiser", FOR_TOKEN, "owner, organiser, assistant or viewer"},
    [OPTION_EMAIL] = {"--email", NULL, NULL, "ADDRESS", NULL, FOR_TOKEN, "the account a token or sign-in link is for"},
    [OPTION_NAME] = {"--name", NULL, NULL, "TEXT", "command line", FOR_TOKEN, "what the list of tokens calls it"},
    [OPTION_DAYS] = {"--days", NULL, NULL, "NUMBER", "90", FOR_TOKEN, "until the token expires"},
    [OPTION_SIGN_IN] = {"--sign-in", NULL, NULL, NULL, NULL, FOR_TOKEN, "make a sign-in link for --email instead of a token"},
};

static void set(struct options *options, int option, const char *value, const char *source)
{
	options->value[option] = value;
	options->source[option] = source;
}

static bool is_true(const char *value)
{
	return strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "on") == 0;
}

bool options_on(const struct options *options, enum option option)
{
	return options->value[option] != NULL && is_true(options->value[option]);
}

static int by_flag(const char *flag, size_t length, unsigned command)
{
	for (int i = 0; i < OPTIONS; i++) {
		if (table[i].flag != NULL && strlen(table[i].flag) == length && strncmp(table[i].flag, flag, length) == 0 &&
		    (table[i].commands & command) != 0)
			return i;
	}
	return -1;
}

static bool read_flags(struct options *options, int count, char **arguments, const char **why)
{
	for (int i = 0; i < count; i++) {
		const char *argument = arguments[i];
		if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
			options->help = true;
			continue;
		}
		size_t length = strcspn(argument, "=");
		int option = by_flag(argument, length, options->command);
		if (option < 0) {
			*why = arena_print(options->arena, "There is no option %.*s here. --help lists them.", (int)length, argument);
			return false;
		}
		if (argument[length] == '=')
			set(options, option, argument + length + 1, "flag");
		else if (table[option].argument == NULL)
			set(options, option, "true", "flag");
		else if (i + 1 < count)
			set(options, option, arguments[++i], "flag");
		else {
			*why = arena_print(options->arena, "%s needs a value: %s %s.", argument, argument, table[option].argument);
			return false;
		}
	}
	return true;
}

static void read_environment(struct options *options)
{
	for (int i = 0; i < OPTIONS; i++) {
		const char *value = table[i].environment ? getenv(table[i].environment) : NULL;
		if (options->value[i] == NULL && value != NULL && *value != '\0')
			set(options, i, value, "environment");
	}
}

static char *trimmed(char *text)
{
	text += strspn(text, " \t\r\n");
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

static bool read_line(struct options *options, const char *path, int number, char *line, const char **why)
{
	char *text = trimmed(line);
	if (*text == '\0' || *text == '#')
		return true;
	char *equals = strchr(text, '=');
	if (equals == NULL) {
		*why = arena_print(options->arena, "%s, line %d: write `key = value`.", path, number);
		return false;
	}
	*equals = '\0';
	const char *key = trimmed(text), *value = trimmed(equals + 1);
	for (int i = 0; i < OPTIONS; i++) {
		if (table[i].key == NULL || strcmp(table[i].key, key) != 0)
			continue;
		if (options->value[i] == NULL)
			set(options, i, arena_copy(options->arena, value), "file");
		return true;
	}
	*why = arena_print(options->arena, "%s, line %d: there is no option `%s`.", path, number, key);
	return false;
}

static bool read_file(struct options *options, const char *path, bool needed, const char **why)
{
	DROP_FILE FILE *file = fopen(path, "r");
	if (file == NULL) {
		if (!needed && (errno == ENOENT || errno == ENOTDIR))
			return true;
		*why = arena_print(options->arena, "The configuration file %s can't be read: %s.", path, strerror(errno));
		return false;
	}
	char line[4096];
	for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
		if (!read_line(options, path, number, line, why))
			return false;
	}
	return true;
}

static bool read_files(struct options *options, const char **why)
{
	if (options->value[OPTION_CONFIG] != NULL)
		return read_file(options, options->value[OPTION_CONFIG], true, why);
	const char *data = options->value[OPTION_DATA] ? options->value[OPTION_DATA] : table[OPTION_DATA].preset;
	const char *beside = arena_print(options->arena, "%s/narada.conf", data);
	return read_file(options, access(beside, F_OK) == 0 ? beside : "/etc/narada.conf", false, why);
}

bool options_read(struct options *options, unsigned command, int count, char **arguments, struct arena *arena, const char **why)
{
	*options = (struct options){.arena = arena, .command = command};
	if (!read_flags(options, count, arguments, why))
		return false;
	if (options->help)
		return true;
	read_environment(options);
	if (!read_files(options, why))
		return false;
	for (int i = 0; i < OPTIONS; i++) {
		if (options->value[i] == NULL && table[i].preset != NULL)
			set(options, i, table[i].preset, "default");
	}
	return true;
}

bool options_number(const struct options *options, enum option option, long least, long most, long *number, const char **why)
{
	const char *text = options->value[option];
	char *end;
	errno = 0;
	*number = strtol(text, &end, 10);
	if (errno == 0 && *text != '\0' && *end == '\0' && *number >= least && *number <= most)
		return true;
	*why = arena_print(options->arena, "%s (%s) is a whole number from %ld to %ld, not \"%s\".", table[option].flag,
	    options->source[option], least, most, text);
	return false;
}

void options_help(unsigned command)
{
	puts("\nOptions (a flag wins over the environment, that over the configuration file, that over the default):\n");
	for (int i = 0; i < OPTIONS; i++) {
		if ((table[i].commands & command) == 0)
			continue;
		printf(
		    "  %s%s%s\n      %s", table[i].flag, table[i].argument ? " " : "", table[i].argument ? table[i].argument : "", table[i].help);
		if (table[i].preset != NULL)
			printf(" (default: %s)", table[i].preset);
		if (table[i].environment != NULL)
			printf("\n      %s%s%s", table[i].environment, table[i].key ? ", in the file: " : "", table[i].key ? table[i].key : "");
		putchar('\n');
	}
}
