// commands.h: the subcommands that main.c chooses from. Each gets the arguments behind its name and gives the process's exit code.
// What a command makes for as long as it runs comes from `process`, which main.c frees.
#pragma once

struct arena;

int command_serve(struct arena *process, int count, char **arguments);
int command_migrate(struct arena *process, int count, char **arguments);
int command_demo(struct arena *process, int count, char **arguments);
int command_token(struct arena *process, int count, char **arguments);
int command_doctor(struct arena *process, int count, char **arguments);
int command_mail_in(struct arena *process, int count, char **arguments);

struct options;
// Reads the options of `command` (a FOR_… bit). False: the process ends with *code, since help was given or a sentence said what is wrong.
_Bool command_options(
    struct arena *process, struct options *options, unsigned command, const char *help, int count, char **arguments, int *code);
int command_failed(const char *why); // says it, gives 1
