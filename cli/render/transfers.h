// Bytes on their way: pulls, pushes, the context.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ktl::cli {

constexpr size_t kMostTransfers = 1000;  // of one step; more are not told apart from silence

// The transfers of one step. One thread at a time. Times are ns since 1970, by this machine's
// clock.
class Transfers {
 public:
  // Takes one id's state: bytes so far, bytes in all (0: unknown), whether it is over.
  void note(std::string_view id, int64_t current, int64_t total, bool over, int64_t now_ns);

  // What moves at `now_ns`, one safe line: "sha256:aa 1.2MB / 3.0MB 1.1MB/s",
  // "3 of 12 done 40.0MB / 90.0MB 11.0MB/s". Empty when nothing does.
  [[nodiscard]] std::string text(int64_t now_ns) const;

  // Bytes of all transfers so far.
  [[nodiscard]] int64_t bytes_so_far() const;

 private:
  struct Transfer {
    int64_t current = 0;
    int64_t total = 0;
    int64_t first = 0;  // `current` when it was first heard of, at `first_ns`
    int64_t first_ns = 0;
    bool over = false;
  };
  std::map<std::string, Transfer, std::less<>> all_;
};

}  // namespace ktl::cli
