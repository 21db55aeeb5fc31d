#include "base/latch.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace ktl {
namespace {

void raise_latch(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t sent = ::write(fd, &one, sizeof(one));
}

}  // namespace

Latch::~Latch() {
  if (const int fd = fd_.load(); fd >= 0) {
    ::close(fd);
  }
}

void Latch::set() {
  set_.store(true);
  if (const int fd = fd_.load(); fd >= 0) {
    raise_latch(fd);
  }
}

// Whoever comes second, this or set(), sees what the other has done.
int Latch::fd() const {
  int known = fd_.load();
  if (known >= 0) {
    return known;
  }
  const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0) {
    return known;
  }
  if (!fd_.compare_exchange_strong(known, made)) {
    ::close(made);
    return known;
  }
  if (is_set()) {
    raise_latch(made);
  }
  return made;
}

}  // namespace ktl
