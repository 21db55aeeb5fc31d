#define _GNU_SOURCE
#include "attack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int no(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

int show(int fd) {
  char text[4096];
  ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));
  if (size < 0) {
    return no("read");
  }
  return (int)(fwrite(text, 1, (size_t)size, stdout) == 0);
}

void be_patient(int fd) {
  struct timeval patience = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}
