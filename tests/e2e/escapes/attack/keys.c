#define _GNU_SOURCE
#include "attack.h"

#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show_key(long key) {
  char text[256];
  long size = syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text));
  if (size > 0) {
    fwrite(text, 1, size > 256 ? 256 : (size_t)size, stdout);
  }
}

/* key ID DESCRIPTION: reads it by its number, and by its name in every keyring one has. */
int attack_key(char** args) {
  syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING);
  show_key(atol(args[0]));
  static const int rings[] = {KEY_SPEC_THREAD_KEYRING,       KEY_SPEC_PROCESS_KEYRING,
                              KEY_SPEC_SESSION_KEYRING,      KEY_SPEC_USER_KEYRING,
                              KEY_SPEC_USER_SESSION_KEYRING, KEY_SPEC_GROUP_KEYRING};
  for (size_t i = 0; i < sizeof(rings) / sizeof(*rings); ++i) {
    long found = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", args[1], 0);
    if (found > 0) {
      show_key(found);
    }
  }
  long asked = syscall(SYS_request_key, "user", args[1], NULL, 0);
  if (asked > 0) {
    show_key(asked);
  }
  return 0;
}

/* addkey WHERE DESCRIPTION TEXT: for the machine of the test; WHERE is "session" or "user". */
int attack_addkey(char** args) {
  int ring = strcmp(args[0], "session") ? KEY_SPEC_USER_KEYRING : KEY_SPEC_SESSION_KEYRING;
  long key = syscall(SYS_add_key, "user", args[1], args[2], strlen(args[2]), ring);
  printf("%ld\n", key);
  return key < 0 ? no("add_key") : 0;
}

/* session DESCRIPTION TEXT CMD...: CMD in a new session keyring that has one key. */
int attack_session(char** args) {
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  if (args[0][0]) {
    syscall(SYS_add_key, "user", args[0], args[1], strlen(args[1]), KEY_SPEC_SESSION_KEYRING);
  }
  execvp(args[2], args + 2);
  return no(args[2]);
}

int attack_unlinkkey(char** args) {
  return (int)syscall(SYS_keyctl, KEYCTL_UNLINK, atol(args[0]), KEY_SPEC_USER_KEYRING);
}
