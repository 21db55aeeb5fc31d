// Keeps what the program that makes the fence says.
#pragma once

#include <filesystem>

#include "base/fd.h"
#include "base/json.h"
#include "core/events/bus.h"

namespace ktl {

// Every line of a build goes into `file`, without the secrets it may tell; `show`: to people too.
// A file that cannot be written costs a warning and nothing else. Thread rule: one thread.
class SandboxLog {
 public:
  SandboxLog(std::filesystem::path file, bool show, Bus& bus)
      : file_(std::move(file)), show_(show), bus_(bus) {}

  // The body of a sandbox.log/1 event, which is published as well.
  void note(json::object body);

 private:
  void open();

  const std::filesystem::path file_;
  const bool show_;
  Bus& bus_;
  UniqueFd fd_;
  bool tried_ = false;
};

}  // namespace ktl
