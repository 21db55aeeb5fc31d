#define _GNU_SOURCE
#include "attack.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

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
int attack_frame(char** args) {
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
