// Web servers that stand in for hosts: on loopback, and each says how often it was reached.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::cli {

// Two of them, at 127.0.0.1 and a port of the kernel's choice each, until the object goes. They
// answer whatever they are asked with a few bytes, one after another. Neither copied nor moved.
class StandIns {
 public:
  static constexpr size_t kCount = 2;

  StandIns() = default;
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;
  ~StandIns();

  // Once. kUnavailable: this machine's loopback takes no listener.
  Status start();
  [[nodiscard]] uint16_t port(size_t which) const { return ports_.at(which); }
  [[nodiscard]] int asked(size_t which) const { return asked_.at(which); }  // [any thread]

 private:
  void serve();

  std::array<UniqueFd, kCount> listeners_;
  std::array<uint16_t, kCount> ports_{};
  std::array<std::atomic<int>, kCount> asked_{};
  UniqueFd stop_;
  std::thread thread_;
};

}  // namespace ktl::cli
