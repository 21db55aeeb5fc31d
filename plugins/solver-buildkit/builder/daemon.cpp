#include "builder/daemon.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/sha256.h"
#include "builder/gate.h"
#include "builder/jail.h"
#include "builder/reach.h"

namespace ktl::builder {
namespace {

constexpr std::array<const char*, 13> kEnvironment = {
    "PATH",         "HOME",       "USER",        "TMPDIR",   "SSL_CERT_FILE",
    "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy",
    "https_proxy",  "no_proxy",   "LANG"};
constexpr std::array<const char*, 6> kProxyVariables = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
                                                        "http_proxy", "https_proxy", "no_proxy"};
// What the daemon keeps however full the disk is, so that a build can start from something.
constexpr const char* kReserved = "2GB";

bool executable(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

// The first candidate that can be run; names without a slash are looked up in PATH.
std::string first_program(const std::vector<std::string>& candidates) {
  for (const auto& candidate : candidates) {
    auto found = candidate.empty() ? Result<std::string>(Status(Code::kNotFound, ""))
                                   : find_program(candidate);
    std::error_code error;
    auto real = found.ok() ? std::filesystem::canonical(*found, error) : std::filesystem::path();
    if (!real.empty() && executable(real)) {
      return real.string();  // a bind of a link would have to lead somewhere in the jail
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

// Rules whose authorities are where the jail shows them.
std::vector<oci::RegistryRule> inner_rules(const Site& site) {
  std::vector<oci::RegistryRule> rules = site.settings.registries;
  const std::vector<Authority> authorities = authorities_of(site);
  for (oci::RegistryRule& rule : rules) {
    auto own = std::ranges::find(authorities, rule.ca, &Authority::file);
    rule.ca = own == authorities.end() ? rule.ca : own->inside;
  }
  return rules;
}

}  // namespace

Result<Programs> find_programs(const std::filesystem::path& ktl, const Getenv& getenv) {
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
  named = getenv("KTL_NSJAIL");
  if (!named.empty() && !executable(named)) {
    return missing("the nsjail that KTL_NSJAIL names (" + named + ")",
                   "unset KTL_NSJAIL or let it name an nsjail");
  }
  programs.jail = first_program({named, beside.replace_filename("nsjail").string(), "nsjail"});
  if (programs.jail.empty()) {
    return missing("nsjail", "run scripts/install-nsjail, or name one with KTL_NSJAIL");
  }
  programs.unshare = first_program({"unshare"});
  if (programs.unshare.empty()) {
    return missing("unshare", "install the package util-linux");
  }
  programs.uplink = first_program({"slirp4netns"});
  return programs;
}

std::vector<Authority> authorities_of(const Site& site) {
  std::vector<Authority> all = site.certificates;
  for (const oci::RegistryRule& rule : site.settings.registries) {
    if (!rule.ca.empty() && std::ranges::find(all, rule.ca, &Authority::file) == all.end()) {
      const std::string name = fmt::format("authority-{}", all.size());
      all.push_back({rule.ca, (site.home.inner_config().parent_path() / name).string(), name});
    }
  }
  return all;
}

std::vector<Authority> certificates_of(const Home& home, const Getenv& getenv) {
  std::vector<Authority> found;
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const std::string path = getenv(name);
    if (path.starts_with('/') && ::access(path.c_str(), R_OK) == 0) {
      found.push_back({path, (home.inner_config().parent_path() / name).string(), name});
    }
  }
  return found;
}

std::string step_lines(const Network& network) {
  return fmt::format(
      // Of a step's own: processes, cgroup, devices. The network is the jail's.
      "insecure-entitlements = [{}]\n"
      "[worker.oci]\n"
      "enabled = true\n"
      "rootless = true\n"
      "noProcessSandbox = false\n"
      "networkMode = \"host\"\n",
      network.kind == "host" ? "\"network.host\"" : "");
}

std::string resolver_text(const Network& network) {
  // BuildKit turns an empty one into well-known servers; this address (RFC 5737) is nobody's.
  return network.kind == "internet" ? "nameserver 10.0.2.3\n" : "nameserver 192.0.2.1\n";
}

std::string daemon_config(const Site& site) {
  const Home& home = site.home;
  auto network = parse_network(site.settings.network);
  return fmt::format(
      "root = \"/var/lib/buildkit\"\n"
      "{}"
      "binary = \"/opt/ktl/runc\"\n"
      "gc = true\n"
      "reservedSpace = {}\n"
      "maxUsedSpace = {}\n"
      "minFreeSpace = {}\n"
      "[worker.containerd]\n"
      "enabled = false\n"
      "[grpc]\n"
      "address = [{}]\n"
      "[cdi]\n"
      "disabled = true\n"
      "[otel]\n"
      "socketPath = \"/run/otel.sock\"\n"
      "{}",
      step_lines(network.ok() ? *network : Network()), quoted(kReserved),
      quoted(site.settings.keep_storage), quoted(site.settings.min_free),
      quoted("unix://" + home.inner_socket().string()), registry_tables(inner_rules(site)));
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
  return sha256_hex(
      fmt::format("{}\n{}\n{}\n{} {}\n{}\n{}{}", program_identity(site.programs.buildkitd),
                  program_identity(site.programs.runtime), program_identity(site.programs.jail),
                  site.ids.uid, site.ids.gid, fence_digest(), daemon_config(site), proxy));
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

std::vector<std::string> daemon_argv(const Site& site) {
  // When the jail's own process is killed, the kernel kills this one, and with it the namespaces.
  return {"/usr/bin/setpriv",
          "--pdeathsig",
          "KILL",
          "--ambient-caps",
          "-all",
          "--inh-caps",
          "-all",
          "--",
          kInnerDaemon,
          "--config",
          site.home.inner_config().string()};
}

std::vector<std::string> daemon_environment(const Site& site, const Getenv& getenv) {
  std::vector<std::string> env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/run", "TMPDIR=/tmp",
                                  "XDG_RUNTIME_DIR=/run", "LANG=C.UTF-8"};
  for (const Authority& each : site.certificates) {
    env.push_back(each.name + "=" + each.inside);
  }
  auto network = parse_network(site.settings.network);
  const std::string kind = network.ok() ? network->kind : "none";
  if (kind == "none") {
    return env;
  }
  if (kind == "allow") {  // what the machine's own proxy is, the gate knows
    for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY"}) {
      env.push_back(fmt::format("{}=http://127.0.0.1:{}", name, kGatePort));
    }
    return env;
  }
  std::vector<std::string> proxies = proxy_variables(site.settings.registries, getenv);
  for (const char* name : kProxyVariables) {
    if (std::string value = getenv(name); !value.empty()) {
      proxies.push_back(std::string(name) + "=" + value);
    }
  }
  env.insert(env.end(), proxies.begin(), proxies.end());  // of two the first counts
  return env;
}

}  // namespace ktl::builder
