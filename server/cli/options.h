// options.h: everything that can be set, in one table: flag, environment, key of the configuration file, default, help.
//
// A flag wins over the environment, the environment over the file, the file over the default. The file is `--config`, else NARADA_CONFIG,
// else <data>/narada.conf if there is one, else /etc/narada.conf if there is one. Its lines are `key = value`; `#` starts a comment.
#pragma once

#include <stdbool.h>

struct arena;

enum option {
	OPTION_DATA,
	OPTION_DATABASE_URL,
	OPTION_SECRET_FILE,
	OPTION_CONFIG,
	OPTION_HOST,
	OPTION_PORT,
	OPTION_BASE_URL,
	OPTION_LOOPS,
	OPTION_CONNECTIONS,
	OPTION_WRITE_CONNECTIONS,
	OPTION_MAX_CLIENTS,
	OPTION_MAX_CLIENTS_PER_ADDRESS,
	OPTION_TRUSTED_PROXIES,
	OPTION_STATEMENT_TIMEOUT,
	OPTION_SMTP_URL,
	OPTION_SMTP_TLS,
	OPTION_SMTP_CA,
	OPTION_SMTP_TIMEOUT,
	OPTION_MAIL_FROM,
	OPTION_MAIL_INBOX,
	OPTION_MAIL_RETRY,
	OPTION_SMTP_CONNECTIONS,
	OPTION_DOMAIN_RATE,
	OPTION_DOMAIN_CONNECTIONS,
	OPTION_DEMO,
	OPTION_NO_MIGRATE,
	OPTION_ACCESS_LOG,
	OPTION_LOG_LEVEL,
	OPTION_LOG_FORMAT,
	OPTION_PLATFORM,
	OPTION_RECIPIENT,
	OPTION_TRUST_AUTHSERV_ID,
	OPTION_ROLE,
	OPTION_EMAIL,
	OPTION_NAME,
	OPTION_DAYS,
	OPTION_SIGN_IN,
	OPTIONS,
};

// Which commands take an option.
enum {
	FOR_SERVE = 1,
	FOR_MIGRATE = 2,
	FOR_DEMO = 4,
	FOR_TOKEN = 8,
	FOR_DOCTOR = 16,
	FOR_MAIL_IN = 32,
	FOR_DATABASE = FOR_SERVE | FOR_MIGRATE | FOR_DEMO | FOR_TOKEN | FOR_DOCTOR | FOR_MAIL_IN,
};

struct options {
	struct arena *arena;         // the process's own
	unsigned command;            // one FOR_… bit
	const char *value[OPTIONS];  // NULL: not set and without default; a switch that is on is "true"
	const char *source[OPTIONS]; // "flag", "environment", "file", "default"
	bool help;
};

// Reads the arguments behind the command. False: *why is a sentence.
bool options_read(struct options *options, unsigned command, int count, char **arguments, struct arena *arena, const char **why);
bool options_on(const struct options *options, enum option option);
// A whole number within bounds. False: *why names the option and what it takes.
bool options_number(const struct options *options, enum option option, long least, long most, long *number, const char **why);
void options_help(unsigned command);
