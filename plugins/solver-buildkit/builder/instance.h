// instance.json: which process is the running private builder.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/status.h"

namespace ktl::builder {

// A process is a pid and the moment it was started: a pid alone may have been reused.
struct ProcessId {
  pid_t pid = 0;
  uint64_t start_time = 0;  // clock ticks since boot, field 22 of /proc/PID/stat

  bool operator==(const ProcessId&) const = default;
};

// The identity of a live process, nothing when there is none (a zombie counts as none).
std::optional<ProcessId> identify(pid_t pid);

// What instance.json says. `config` is the sha256 of the configuration the daemon runs with.
struct Instance {
  ProcessId supervisor;
  ProcessId daemon;
  std::string config;
  std::string socket;
};

// kNotFound without a file; a broken one is kDataLoss. At most 64 KiB are read.
Result<Instance> read_instance(const std::filesystem::path& file);
Status write_instance(const std::filesystem::path& file, const Instance& instance);

// Both processes are the very ones that were recorded.
bool is_alive(const Instance& instance);

// connect(2) to the unix socket succeeds.
bool answers(const std::string& socket);

}  // namespace ktl::builder
