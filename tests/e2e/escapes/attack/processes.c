#define _GNU_SOURCE
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* hold TEXT: a process with something to steal: prints where in its memory, then sleeps. */
int attack_hold(char** args) {
  char* secret = strdup(args[0]);
  printf("%p\n", (void*)secret);
  fflush(stdout);
  return pause();
}

/* memory PID ADDRESS: reads another's memory, and attaches to it. */
int attack_memory(char** args) {
  char text[64];
  pid_t pid = atoi(args[0]);
  struct iovec here = {text, sizeof(text)};
  struct iovec there = {(void*)strtoul(args[1], NULL, 16), sizeof(text)};
  ssize_t size = process_vm_readv(pid, &here, 1, &there, 1, 0);
  if (size > 0) {
    printf("%.*s\n", (int)size, text);
    return 0;
  }
  if (ptrace(PTRACE_ATTACH, pid, NULL, NULL)) {
    return no("ptrace");
  }
  waitpid(pid, NULL, 0);
  for (int i = 0; i < 8; ++i) {
    long word = ptrace(PTRACE_PEEKDATA, pid, (char*)there.iov_base + i * 8, NULL);
    fwrite(&word, 1, sizeof(word), stdout);
  }
  return (int)ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* descriptor PID FD: takes a descriptor out of another process. */
int attack_descriptor(char** args) {
  int process = (int)syscall(SYS_pidfd_open, atoi(args[0]), 0);
  int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, atoi(args[1]), 0);
  char text[256];
  ssize_t size = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);
  return size < 0 ? no("pidfd_getfd") : (int)(fwrite(text, 1, (size_t)size, stdout) == 0);
}

/* as ID CMD...: as another user. */
int attack_as(char** args) {
  unsigned id = (unsigned)atoi(args[0]);
  if (setgid(id) || setuid(id)) {
    return no("setuid");
  }
  execvp(args[1], args + 1);
  return no(args[1]);
}

/* share NUMBER TEXT: makes a System V segment with TEXT; segment NUMBER: shows one. */
int attack_share(char** args) {
  int id = shmget(atoi(args[0]), 4096, IPC_CREAT | 0666);
  char* memory = id < 0 ? NULL : shmat(id, NULL, 0);
  if (memory == NULL || memory == (void*)-1) {
    return no("shmat");
  }
  if (args[1]) {
    strcpy(memory, args[1]);
  } else {
    shmctl(id, IPC_RMID, NULL);
  }
  return 0;
}

int attack_segment(char** args) {
  int id = shmget(atoi(args[0]), 0, 0);
  char* memory = id < 0 ? NULL : shmat(id, NULL, SHM_RDONLY);
  if (memory == NULL || memory == (void*)-1) {
    return no("shmat");
  }
  puts(memory);
  return 0;
}

/* type TEXT: into the terminal that standard input is, as if its user had typed it. */
int attack_type(char** args) {
  for (const char* c = args[0]; *c; ++c) {
    if (ioctl(0, TIOCSTI, c)) {
      return no("TIOCSTI");
    }
  }
  return 0;
}
