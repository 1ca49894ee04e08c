// commands.h: the subcommands that main.c chooses from. Each gets the arguments behind its name and gives the process's exit code.
#pragma once

int command_serve(int count, char **arguments);
int command_migrate(int count, char **arguments);
int command_demo(int count, char **arguments);
int command_token(int count, char **arguments);
int command_doctor(int count, char **arguments);

struct options;
// Reads the options of `command` (a FOR_… bit). False: the process ends with *code, since help was given or a sentence said what is wrong.
_Bool command_options(struct options *options, unsigned command, const char *help, int count, char **arguments, int *code);
int command_failed(const char *why); // says it, gives 1
