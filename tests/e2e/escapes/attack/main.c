#define _GNU_SOURCE
#include "attack.h"

#include <string.h>

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
