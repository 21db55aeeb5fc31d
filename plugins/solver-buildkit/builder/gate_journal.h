// What a builder's gate let through and what it refused, a line of JSON each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

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

// How long a journal is now; 0: there is none yet. [any thread]
int64_t journal_size(const std::filesystem::path& file);

// What the daemon was refused since the journal was `size` long, each target once, as a sentence
// for people: at most 8, of the last 256 KiB. What steps tried is not among it. [any thread]
std::vector<std::string> refused_since(const std::filesystem::path& file, int64_t size);

}  // namespace ktl::builder
