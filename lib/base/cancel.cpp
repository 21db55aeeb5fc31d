#include "base/cancel.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace ktl {

CancelToken::CancelToken() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void CancelToken::cancel(int reason) {
  int expected = -1;
  if (state_.compare_exchange_strong(expected, reason)) {
    uint64_t one = 1;
    [[maybe_unused]] ssize_t sent = ::write(event_.get(), &one, sizeof(one));
  }
}

}  // namespace ktl
