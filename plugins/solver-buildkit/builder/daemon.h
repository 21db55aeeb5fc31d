// The private builder's daemon: which programs, which configuration, which command line.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "builder/home.h"
#include "builder/network.h"
#include "builder/settings.h"
#include "builder/sub_ids.h"
#include "builders/address.h"

namespace ktl::builder {

// The programs a private builder needs, as absolute paths without links.
struct Programs {
  std::string buildkitd;
  std::string runtime;  // runc or crun
  std::string jail;     // nsjail
  std::string unshare;
  std::string uplink;  // slirp4netns; empty where it is not installed
};

// Looks for buildkitd in KTL_BUILDKITD and nsjail in KTL_NSJAIL, then beside ktl (../libexec/ktl)
// and in PATH; for runc, then crun, in PATH and /usr/sbin. A missing one is kUnavailable with what
// to install.
Result<Programs> find_programs(const std::filesystem::path& ktl, const Getenv& getenv);

// Where the jail shows it.
inline constexpr const char* kInnerDaemon = "/opt/ktl/buildkitd";

// A file or folder with certificate authorities, and where the jail shows it.
struct Authority {
  std::string file;
  std::string inside;
  std::string name;  // unique among a site's
};

// Everything that makes one private builder. `ids` are known once the builder is to be started.
struct Site {
  Programs programs;
  Settings settings;
  Home home;
  SubIds ids;
  std::vector<Authority> certificates;  // what SSL_CERT_FILE and SSL_CERT_DIR name
};

// All authorities of the site: those of its registries and of its environment.
std::vector<Authority> authorities_of(const Site& site);

// The lines of buildkitd.toml that say what a RUN step may do.
std::string step_lines(const Network& network);

// What the jail's /etc/resolv.conf says.
std::string resolver_text(const Network& network);

// buildkitd.toml (https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md), with the
// paths of the jail.
std::string daemon_config(const Site& site);

// Tells one file of a program from another without reading it; empty when it is gone.
std::string program_identity(const std::string& program);

// Which daemon runs with which configuration in which jail, as one sha256: another one needs a
// restart.
std::string config_digest(const Site& site);

// What runs in the jail: the daemon, killed with the jail's own process. Its last words are
// "--config" and a path that no other builder has, by which the family is found.
std::vector<std::string> daemon_argv(const Site& site);

// The daemon's environment, "NAME=value". An allowlist: what the user's shell holds besides is
// nobody's business in there.
std::vector<std::string> daemon_environment(const Site& site, const Getenv& getenv);

// What SSL_CERT_FILE and SSL_CERT_DIR name.
std::vector<Authority> certificates_of(const Home& home, const Getenv& getenv);

// The variables that a supervisor gets from the user's environment, "NAME=value".
std::vector<std::string> builder_environment(const Getenv& getenv);

}  // namespace ktl::builder
