// Whoever waits for the builder: may stop waiting, and may be told what is waited for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace ktl::builder {

// Borrowed by everything that may take a while. Thread rule: the caller's own thread.
struct Caller {
  int cancel_fd = -1;                            // readable once nobody wants the result; -1: never
  std::function<void(const std::string&)> tell;  // one line for people; may be empty

  [[nodiscard]] bool cancelled() const { return pause(0); }
  // Waits `ms` milliseconds, or less when cancelled: then true.
  [[nodiscard]] bool pause(int64_t ms) const;
  void say(const std::string& line) const;
};

}  // namespace ktl::builder
