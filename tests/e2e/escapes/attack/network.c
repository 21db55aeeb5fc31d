#define _GNU_SOURCE
#include "attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* unix PATH | unix @NAME: a socket of the file system, or an abstract one. */
int attack_unix(char** args) {
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

int attack_tcp(char** args) { return attack_net(args, SOCK_STREAM); }

int attack_udp(char** args) { return attack_net(args, SOCK_DGRAM); }

/* raw ADDRESS: a packet of protocol 253 (RFC 3692), which no kernel answers itself. */
int attack_raw(char** args) {
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
