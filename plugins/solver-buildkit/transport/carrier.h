// What carries the bytes of a connection to a builder: a socket, TLS over one, a child's stdio.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::solver {

// A connected byte stream that never blocks. Thread rule: one thread at a time.
class Carrier {
 public:
  virtual ~Carrier() = default;

  // To be polled. Owned by the carrier.
  [[nodiscard]] virtual int fd() const = 0;

  // How many bytes were read or written; 0: not now, poll. read must be called until it returns 0,
  // since a carrier may hold bytes that poll(2) does not see.
  // kUnavailable: the other side ended or the stream broke, in a sentence for people.
  virtual Result<size_t> read(std::span<char> buffer) = 0;
  virtual Result<size_t> write(std::string_view bytes) = 0;

  // True when read needs the descriptor to become writable (a TLS handshake message).
  [[nodiscard]] virtual bool wants_write() const { return false; }
};

}  // namespace ktl::solver
