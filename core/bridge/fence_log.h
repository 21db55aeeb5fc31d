// What the program that makes a fence says about it.
#pragma once

#include <mutex>
#include <string>

#include "base/fd.h"
#include "core/plugins/host.h"

namespace ktl::bridge {

// The reading end of its log: each line becomes a `sandbox.log/1` event, and the first 64 KiB are
// kept for when the fence does not hold. Thread rule: one thread reads, text() on any.
class FenceLog {
 public:
  explicit FenceLog(UniqueFd pipe) : pipe_(std::move(pipe)) {}

  // For poll(2); -1 when there is none, or nobody writes any more.
  [[nodiscard]] int fd() const { return pipe_.get(); }
  [[nodiscard]] bool open() const { return pipe_.valid(); }

  // Reads once what is there and tells the lines that are whole.
  void read(const Publish& publish);
  [[nodiscard]] std::string text() const;

 private:
  void tell(const Publish& publish);

  UniqueFd pipe_;
  std::string line_;  // not ended yet
  size_t told_ = 0;
  mutable std::mutex mutex_;
  std::string kept_;  // guarded by mutex_
};

}  // namespace ktl::bridge
