/*
 * cmd: the commands of digestd. Each takes the arguments from its own name on
 * and returns the exit status (serve/app.h).
 */
#ifndef CMD_H
#define CMD_H

int cmd_serve(int argc, char **argv);
int cmd_cert(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_render(int argc, char **argv);

#endif
