#include "builder/daemon.h"

#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "base/json.h"
#include "base/sha256.h"

namespace ktl::builder {
namespace {

// Changes whenever a builder made by an older ktl must not be used any more.
constexpr const char* kGeneration = "1";

constexpr std::array<const char*, 14> kEnvironment = {
    "PATH",         "HOME",       "USER",        "XDG_RUNTIME_DIR", "TMPDIR",     "SSL_CERT_FILE",
    "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",        "http_proxy", "https_proxy",
    "no_proxy",     "LANG"};

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
  if (!root) {
    programs.rootlesskit = first_program({"rootlesskit"});
    if (programs.rootlesskit.empty()) {
      return missing("rootlesskit", "install the packages rootlesskit, uidmap and slirp4netns");
    }
  }
  return programs;
}

Result<Home> home_for(const Programs& programs, const std::filesystem::path& state_folder,
                      const std::filesystem::path& runtime_folder) {
  Home home;
  // The config without its paths: they follow from the key.
  std::string identity = fmt::format("{}\n{}\ndefault\nhost\n{}", kGeneration, ::getuid(),
                                     daemon_config(programs, Home{}));
  home.key = sha256_hex(identity).substr(0, 12);
  home.state = state_folder / ("unfenced-" + home.key);
  home.socket = runtime_folder / (home.key + ".sock");
  if (home.trace_socket().string().size() >= sizeof(sockaddr_un::sun_path)) {
    return Status(Code::kInvalidArgument,
                  "the socket path " + home.socket.string() + " is too long for the kernel")
        .advise("set XDG_RUNTIME_DIR to a shorter folder");
  }
  return home;
}

std::string daemon_config(const Programs& programs, const Home& home) {
  bool rootless = !programs.rootlesskit.empty();
  return fmt::format(
      "root = {}\n"
      // A RUN step of this builder shares the host's network anyway; see the note of the builder.
      "insecure-entitlements = [\"network.host\"]\n"
      "[grpc]\n"
      "address = [{}]\n"
      "[worker.oci]\n"
      "enabled = true\n"
      "gc = true\n"
      "binary = {}\n"
      "rootless = {}\n"
      "noProcessSandbox = {}\n"
      "[worker.containerd]\n"
      "enabled = false\n"
      "[cdi]\n"
      "disabled = true\n"
      // The default is one path for the whole machine, which a user may not write.
      "[otel]\n"
      "socketPath = {}\n",
      quoted(home.root().string()), quoted("unix://" + home.socket.string()),
      quoted(programs.runtime), rootless, rootless, quoted(home.trace_socket().string()));
}

Command daemon_command(const Programs& programs, const Home& home, const Getenv& getenv) {
  Command command;
  if (!programs.rootlesskit.empty()) {
    command.argv = {programs.rootlesskit, "--net=host", "--copy-up=/etc", "--state-dir",
                    (home.state / "rootlesskit").string()};
  }
  command.argv.insert(command.argv.end(), {programs.buildkitd, "--config", home.config().string()});
  for (const char* name : kEnvironment) {
    std::string value = getenv(name);
    if (!value.empty()) {
      command.env.push_back(std::string(name) + "=" + value);
    }
  }
  // Without one, runc keeps its state in /run, which a user may not write.
  if (!programs.rootlesskit.empty() && getenv("XDG_RUNTIME_DIR").empty()) {
    command.env.push_back("XDG_RUNTIME_DIR=" + home.socket.parent_path().string());
  }
  return command;
}

}  // namespace ktl::builder
