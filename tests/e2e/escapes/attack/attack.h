/* Attacks that a shell cannot try: `attack NAME ARGS...` prints whatever it gets hold of.
   Linked statically, so that it runs in an image, in a jail and on the machine itself. */
#pragma once

/* Says what failed and why; returns 1. */
int no(const char* what);
/* Prints what can be read at once from `fd`, if that is one; 0 when there was something. */
int show(int fd);
/* Lets a socket wait for two seconds. */
void be_patient(int fd);

/* One for each name; main.c has the table. Each returns the exit code. */
int attack_unix(char** args);
int attack_tcp(char** args);
int attack_udp(char** args);
int attack_raw(char** args);
int attack_frame(char** args);
int attack_hold(char** args);
int attack_memory(char** args);
int attack_descriptor(char** args);
int attack_as(char** args);
int attack_share(char** args);
int attack_segment(char** args);
int attack_type(char** args);
int attack_key(char** args);
int attack_addkey(char** args);
int attack_session(char** args);
int attack_unlinkkey(char** args);
int attack_number(char** args);
int attack_handle(char** args);
int attack_descriptors(char** args);
int attack_chroot(char** args);
int attack_device(char** args);
