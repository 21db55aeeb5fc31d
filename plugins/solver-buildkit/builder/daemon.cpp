#include "builder/daemon.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/json.h"
#include "base/sha256.h"
#include "builder/reach.h"

namespace ktl::builder {
namespace {

constexpr std::array<const char*, 13> kEnvironment = {
    "PATH",         "HOME",       "USER",        "TMPDIR",   "SSL_CERT_FILE",
    "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy",
    "https_proxy",  "no_proxy",   "LANG"};
// What the daemon keeps however full the disk is, so that a build can start from something.
constexpr const char* kReserved = "2GB";

bool executable(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

// The first candidate that can be run; names without a slash are looked up in PATH.
std::string first_program(const std::vector<std::string>& candidates) {
  for (const auto& candidate : candidates) {
    auto found = candidate.empty() ? Result<std::string>(Status(Code::kNotFound, ""))
                                   : find_program(candidate);
    if (found.ok() && executable(*found)) {
      return *std::move(found);
    }
  }
  return {};
}

Status missing(const std::string& what, const std::string& next) {
  return Status(Code::kUnavailable,
                "the private builder needs " + what + ", which is not installed")
      .advise(next);
}

std::string quoted(const std::string& text) { return json::serialize(json::string(text)); }

// Root's steps get their cgroups below one that is named after the builder, to be found again.
std::string cgroup_line(const Site& site) {
  return site.programs.rootless()
             ? std::string()
             : fmt::format("defaultCgroupParent = {}\n", quoted("ktl-" + site.home.key));
}

}  // namespace

Result<Programs> find_programs(const std::filesystem::path& ktl, const Getenv& getenv, bool root) {
  Programs programs;
  std::string named = getenv("KTL_BUILDKITD");
  if (!named.empty() && !executable(named)) {
    return missing("the daemon that KTL_BUILDKITD names (" + named + ")",
                   "unset KTL_BUILDKITD or let it name a buildkitd");
  }
  auto beside = ktl.parent_path().parent_path() / "libexec/ktl/buildkitd";
  programs.buildkitd = first_program({named, beside.string(), "buildkitd"});
  if (programs.buildkitd.empty()) {
    return missing("buildkitd",
                   "run scripts/tools, or name one with KTL_BUILDKITD, or use --builder");
  }
  programs.runtime = first_program({"runc", "/usr/sbin/runc", "crun", "/usr/bin/crun"});
  if (programs.runtime.empty()) {
    return missing("runc", "install the package runc");
  }
  std::string& nest = root ? programs.unshare : programs.rootlesskit;
  nest = first_program({root ? "unshare" : "rootlesskit"});
  if (nest.empty()) {
    return root ? missing("unshare", "install the package util-linux")
                : missing("rootlesskit", "install the packages rootlesskit and uidmap");
  }
  return programs;
}

std::string daemon_config(const Site& site) {
  const Home& home = site.home;
  return fmt::format(
      "root = {}\n"
      // A RUN step of this builder shares the host's network anyway; see the note of the builder.
      "insecure-entitlements = [\"network.host\"]\n"
      "[grpc]\n"
      "address = [{}]\n"
      "[worker.oci]\n"
      "enabled = true\n"
      "binary = {}\n"
      "networkMode = \"host\"\n"
      "rootless = {}\n"
      "gc = true\n"
      "reservedSpace = {}\n"
      "maxUsedSpace = {}\n"
      "minFreeSpace = {}\n"
      "{}"
      "[worker.containerd]\n"
      "enabled = false\n"
      "[cdi]\n"
      "disabled = true\n"
      // The default is one path for the whole machine, which a user may not write.
      "[otel]\n"
      "socketPath = {}\n"
      "{}",
      quoted(home.root().string()), quoted("unix://" + home.socket.string()),
      quoted(site.programs.runtime), site.programs.rootless(), quoted(kReserved),
      quoted(site.settings.keep_storage), quoted(site.settings.min_free), cgroup_line(site),
      quoted(home.trace_socket().string()), registry_tables(site.settings.registries));
}

std::string program_identity(const std::string& program) {
  struct stat file{};
  if (::stat(program.c_str(), &file) != 0) {
    return {};
  }
  return fmt::format("{} {} {} {} {}.{}", program, file.st_dev, file.st_ino, file.st_size,
                     file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

std::string config_digest(const Site& site) {
  const oci::RegistryRule* all = oci::rule_for(site.settings.registries, "*");
  const std::string proxy =
      all == nullptr ? "" : fmt::format("\n{} {}", all->proxy, fmt::join(all->no_proxy, ","));
  return sha256_hex(program_identity(site.programs.buildkitd) + "\n" + daemon_config(site) + proxy);
}

std::vector<std::string> builder_environment(const Getenv& getenv) {
  std::vector<std::string> variables;
  for (const char* name : kEnvironment) {
    std::string value = getenv(name);
    if (!value.empty()) {
      variables.push_back(std::string(name) + "=" + value);
    }
  }
  return variables;
}

Command daemon_command(const Site& site, const Getenv& getenv) {
  Command command;
  command.env = proxy_variables(site.settings.registries, getenv);  // of two the first counts
  for (std::string& variable : builder_environment(getenv)) {
    command.env.push_back(std::move(variable));
  }
  if (site.programs.rootless()) {
    command.argv = {
        site.programs.rootlesskit, "--net=host",  "--pidns",
        "--copy-up=/etc",          "--state-dir", (site.home.scratch() / "rootlesskit").string()};
    // Without one, runc keeps its state in /run, which a user may not write.
    command.env.push_back("XDG_RUNTIME_DIR=" + site.home.scratch().string());
    command.parent_death_signal = SIGTERM;  // which it hands on
  } else {
    command.argv = {site.programs.unshare, "--pid", "--mount",          "--mount-proc",
                    "--propagation",       "slave", "--kill-child=TERM"};
    command.parent_death_signal = SIGKILL;  // which reaches the daemon as the signal named above
  }
  command.argv.insert(command.argv.end(),
                      {site.programs.buildkitd, "--config", site.home.config().string()});
  return command;
}

}  // namespace ktl::builder
