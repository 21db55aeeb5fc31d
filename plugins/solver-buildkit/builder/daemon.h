// The private builder's daemon: which programs, which configuration, which command line.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/status.h"
#include "builder/home.h"
#include "builder/settings.h"
#include "builders/address.h"

namespace ktl::builder {

// The programs a private builder needs, as absolute paths. An ordinary user's daemon gets its
// namespaces from `rootlesskit`, root's from `unshare`; the other one is empty.
struct Programs {
  std::string buildkitd;
  std::string runtime;
  std::string rootlesskit;
  std::string unshare;

  [[nodiscard]] bool rootless() const { return !rootlesskit.empty(); }
};

// Looks for buildkitd in KTL_BUILDKITD, beside ktl (../libexec/ktl) and in PATH; for runc, then
// crun, in PATH and /usr/sbin. A missing one is kUnavailable with what to install.
Result<Programs> find_programs(const std::filesystem::path& ktl, const Getenv& getenv, bool root);

// Everything that makes one private builder.
struct Site {
  Programs programs;
  Settings settings;
  Home home;
};

// buildkitd.toml (https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md).
std::string daemon_config(const Site& site);

// Tells one file of a program from another without reading it; empty when it is gone.
std::string program_identity(const std::string& program);

// Which daemon runs with which configuration, as one sha256: another one needs a restart.
std::string config_digest(const Site& site);

// argv and environment of the daemon. It gets pid and mount namespaces of its own, so that no
// process and no mount of it can outlive it. The environment is an allowlist: what the user's shell
// holds besides is nobody's business in there.
Command daemon_command(const Site& site, const Getenv& getenv);

// The variables that a builder's processes get from the user's environment, "NAME=value".
std::vector<std::string> builder_environment(const Getenv& getenv);

}  // namespace ktl::builder
