// main.c: `narada <command>`.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "version.h"

static int command_version(struct arena *process, int count, char **arguments)
{
	(void)process;
	(void)count;
	(void)arguments;
	puts("narada " NARADA_VERSION);
	return 0;
}

static int command_help(struct arena *process, int count, char **arguments);

static const struct {
	const char *name;
	int (*run)(struct arena *process, int count, char **arguments);
	const char *help;
} commands[] = {
    {"serve", command_serve, "run the service (with a private database unless --database-url names one)"},
    {"migrate", command_migrate, "bring the database's schema to what this program knows"},
    {"demo", command_demo, "load two platforms to try things with"},
    {"token", command_token, "make an API token or a sign-in link"},
    {"doctor", command_doctor, "look at everything the service needs and say what is wrong"},
    {"mail-in", command_mail_in, "take a mail on standard input: an answer from a calendar, a bounce"},
    {"version", command_version, "print the version"},
    {"help", command_help, "print this"},
};

static int command_help(struct arena *process, int count, char **arguments)
{
	(void)process;
	(void)count;
	(void)arguments;
	puts("Narada manages the meetings of a platform: agenda, speakers, invitations, answers by link, attendance, and the lists that come "
	     "of it.\n\n"
	     "  narada <command> [options]\n");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		printf("  %-8s  %s\n", commands[i].name, commands[i].help);
	puts("\nnarada <command> --help lists the options of a command. To start: narada serve --demo");
	return 0;
}

int main(int count, char **arguments)
{
	if (count < 2) {
		(void)command_help(NULL, 0, NULL);
		return 2;
	}
	const char *name = strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0 ? "help" : arguments[1];
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		struct arena *process = arena_new();
		int code = commands[i].run(process, count - 2, arguments + 2);
		arena_free(process);
		return code;
	}
	fprintf(stderr, "narada has no command \"%s\". `narada help` lists them.\n", name);
	return 2;
}
