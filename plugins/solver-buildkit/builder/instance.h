// instance.json: which process is the running private builder.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/status.h"
#include "builder/home.h"

namespace ktl::builder {

// A process is a pid and the moment it was started: a pid alone may have been reused.
struct ProcessId {
  pid_t pid = 0;
  uint64_t start_time = 0;  // clock ticks since boot, field 22 of /proc/PID/stat

  bool operator==(const ProcessId&) const = default;
};

// The identity of a live process, nothing when there is none (a zombie counts as none).
std::optional<ProcessId> identify(pid_t pid);

// The kernel's name for this boot: pids and start times of another one mean nothing.
std::string boot_id();

// What instance.json says. `config` is the config_digest the daemon was started with, `state` the
// folder it keeps its state in, `started` its time in RFC 3339.
struct Instance {
  ProcessId supervisor;
  ProcessId daemon;
  std::string boot;
  std::string config;
  std::string socket;
  std::string state;
  std::string started;
};

// kNotFound without a file; a broken one is kDataLoss. At most 64 KiB are read.
Result<Instance> read_instance(const std::filesystem::path& file);
Status write_instance(const std::filesystem::path& file, const Instance& instance);

// Both processes are the very ones that were recorded, in this boot.
bool is_alive(const Instance& instance);

// connect(2) to the unix socket succeeds.
bool answers(const std::string& socket);

// The instance of `home` that can be built on now; nothing when there is none. What a crash left
// behind (a dead or reused pid, another boot, a broken file, a deaf socket) is none.
std::optional<Instance> running_instance(const Home& home);

}  // namespace ktl::builder
