// The secret values of this run of the program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "redact/matcher.h"

namespace ktl::redact {

// Takes a value that must not be seen from now on. A failure means that it can be seen.
using Register = std::function<Status(std::string_view value)>;

// Values are registered the moment they are known, and stay. Only forms of them are kept, in
// memory that is wiped. Any thread.
class Values {
 public:
  // Of all values together; each 128 bytes of a value are one piece.
  static constexpr size_t kMostPieces = 8192;

  enum class Added {
    kTaken,  // or known already
    kShort,  // fewer than kShortest bytes without the white space around it: not looked for
  };

  // kResourceExhausted: there are more values than can be looked for; nothing was taken.
  Result<Added> add(std::string_view value);

  // Changes whenever a value is taken; 0 before that.
  [[nodiscard]] uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // What finds all values that were taken so far; null without any.
  [[nodiscard]] std::shared_ptr<const Matcher> matcher();

 private:
  std::atomic<uint64_t> version_ = 0;
  std::mutex mutex_;  // guards what follows
  PatternSet patterns_;
  size_t pieces_ = 0;
  std::set<std::string> known_;  // sha256 of each value, to take it once
  std::shared_ptr<const Matcher> matcher_;
  uint64_t matcher_version_ = 0;
};

// add() for whoever has nobody to tell that a value is short.
Register register_in(std::shared_ptr<Values> values);

}  // namespace ktl::redact
