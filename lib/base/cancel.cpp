#include "base/cancel.h"

namespace ktl {

void CancelToken::cancel(int reason) {
  int expected = -1;
  if (state_.compare_exchange_strong(expected, reason)) {
    latch_.set();
  }
}

}  // namespace ktl
