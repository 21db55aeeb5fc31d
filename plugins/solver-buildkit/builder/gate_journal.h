// What a builder's gate let through and what it refused, a line of JSON each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>

#include "builder/network.h"

namespace ktl::builder {

struct GateEntry {
  HostPort target;  // host empty: what was asked for was no target
  std::string method;
  bool allowed = false;
  std::string reason;  // why not, or what went wrong afterwards
  int64_t sent = 0;    // bytes to the target
  int64_t received = 0;
};

// Appends to a file of at most 1 MiB, with one older part ("FILE.1"). [any thread]
class GateJournal {
 public:
  explicit GateJournal(std::filesystem::path file) : file_(std::move(file)) {}
  void add(const GateEntry& entry);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
};

}  // namespace ktl::builder
