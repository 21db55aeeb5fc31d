// How much computing a hostile Dockerfile may ask for before it is refused.
#pragma once

#include <cstdint>

#include "base/status.h"

namespace ktl::dockerfile {

// A purse of elementary steps (a byte copied, a pattern tried at a place). One thread at a time.
class Work {
 public:
  explicit Work(int64_t steps) : left_(steps) {}

  Status spend(size_t steps) {
    if (static_cast<uint64_t>(left_) < steps) {
      left_ = 0;
      return Status(Code::kResourceExhausted, "putting in the variables takes too much work")
          .advise("make the values or the patterns in ${...} smaller");
    }
    left_ -= static_cast<int64_t>(steps);
    return {};
  }

 private:
  int64_t left_;
};

}  // namespace ktl::dockerfile
