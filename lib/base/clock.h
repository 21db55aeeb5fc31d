// Time as an interface, so that deadlines and timestamps can be tested without waiting.
#pragma once

#include <cstdint>
#include <string>

namespace ktl {

// Thread rule: every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // CLOCK_MONOTONIC in nanoseconds; only differences mean something.
  [[nodiscard]] virtual int64_t monotonic_ns() const = 0;
  // Nanoseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual int64_t unix_ns() const = 0;
};

// The machine's clocks. Lives for the whole program.
const Clock& system_clock();

// "2026-11-23T01:02:03Z" (RFC 3339, UTC, whole seconds).
std::string rfc3339(int64_t unix_ns);

}  // namespace ktl
