/*
 * cmd: the commands of digestd. Each takes the arguments from its own name on
 * and the name that the program was called by, and returns the exit status (serve/app.h).
 */
#ifndef CMD_H
#define CMD_H

int cmd_serve(const char *program, int argc, char **argv);
int cmd_cert(const char *program, int argc, char **argv);
int cmd_check(const char *program, int argc, char **argv);
int cmd_render(const char *program, int argc, char **argv);

#endif
