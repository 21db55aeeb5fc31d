// gzip (RFC 1952) unpacked piece by piece, with a bound.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::secrets {

using Unpacked = std::function<void(std::string_view)>;

// One gzip file, of any number of members. One thread at a time.
class Unpacker {
 public:
  // More than `limit` bytes are kResourceExhausted.
  explicit Unpacker(uint64_t limit);
  ~Unpacker();

  // kDataLoss for what is no gzip; after a failure the rest is ignored.
  Status feed(std::string_view packed, const Unpacked& out);
  // True when a member ended with the last byte.
  [[nodiscard]] bool complete() const;

  static bool is_gzip(std::string_view start) { return start.starts_with("\x1f\x8b\x08"); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ktl::secrets
