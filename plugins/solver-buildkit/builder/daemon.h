// The private builder's daemon: which programs, which configuration, which command line.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/status.h"
#include "builder/address.h"

namespace ktl::builder {

// The programs a private builder needs, as absolute paths. `rootlesskit` is empty for root.
struct Programs {
  std::string buildkitd;
  std::string runtime;
  std::string rootlesskit;
};

// Looks for buildkitd in KTL_BUILDKITD, beside ktl (../libexec/ktl) and in PATH; for runc, then
// crun, in PATH and /usr/sbin. A missing one is kUnavailable with what to install.
Result<Programs> find_programs(const std::filesystem::path& ktl, const Getenv& getenv, bool root);

// Where one private builder lives. The name of `state` starts with "unfenced-": RUN steps of this
// builder have no fence, and a fenced builder must never take over what such steps left behind.
struct Home {
  std::string key;               // 12 hex digits over user, zone, network profile and config
  std::filesystem::path state;   // kept: buildkitd's root, its config, its log, the locks
  std::filesystem::path socket;  // where the daemon listens

  [[nodiscard]] std::filesystem::path trace_socket() const { return socket.string() + ".otel"; }
  [[nodiscard]] std::filesystem::path root() const { return state / "root"; }
  [[nodiscard]] std::filesystem::path config() const { return state / "buildkitd.toml"; }
  [[nodiscard]] std::filesystem::path log() const { return state / "buildkitd.log"; }
  [[nodiscard]] std::filesystem::path instance() const { return state / "instance.json"; }
  [[nodiscard]] std::filesystem::path clients_lock() const { return state / "clients.lock"; }
  [[nodiscard]] std::filesystem::path start_lock() const { return state / "start.lock"; }
  [[nodiscard]] std::filesystem::path supervisor_lock() const { return state / "supervisor.lock"; }
};

// Finds the home for this user and these programs below the two folders; makes nothing.
Result<Home> home_for(const Programs& programs, const std::filesystem::path& state_folder,
                      const std::filesystem::path& runtime_folder);

// buildkitd.toml (https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md).
std::string daemon_config(const Programs& programs, const Home& home);

// argv and environment of the daemon. The environment is an allowlist: what the user's shell holds
// besides is nobody's business in there.
Command daemon_command(const Programs& programs, const Home& home, const Getenv& getenv);

}  // namespace ktl::builder
