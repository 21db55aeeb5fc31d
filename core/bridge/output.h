// What another process prints, shown as messages under its name.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "core/plugins/host.h"

namespace ktl::bridge {

// The reading end of its stdout and stderr. A process that prints without end is still read, so
// that it does not stand still, but no more than 1 MiB of it is shown. Thread rule: one thread.
class Output {
 public:
  // `speaker`: who is said to have printed it.
  Output(UniqueFd pipe, std::string speaker)
      : pipe_(std::move(pipe)), speaker_(std::move(speaker)) {}

  // For poll(2); -1 once nobody can print any more.
  [[nodiscard]] int fd() const { return pipe_.get(); }
  [[nodiscard]] bool open() const { return pipe_.valid(); }

  // Reads once what is there and shows the lines that are whole.
  void read(const Publish& publish);
  // Shows the line that has not ended.
  void finish(const Publish& publish);

 private:
  void show(const Publish& publish);

  UniqueFd pipe_;
  const std::string speaker_;
  std::string line_;  // not ended yet
  size_t printed_ = 0;
};

}  // namespace ktl::bridge
