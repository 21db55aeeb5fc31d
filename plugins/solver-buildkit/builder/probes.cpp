#include "builder/probes.h"

#include <pwd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/process.h"
#include "builder/daemon.h"
#include "builder/instance.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxSubIds = 1U << 20U;

Probe failed(std::string id, const Status& status) {
  return {std::move(id), "FAIL", status.message(), status.next()};
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

// A line "name:start:count" or "uid:start:count" (subuid(5)).
Probe probe_sub_ids(const std::string& file) {
  std::string id = "builder.rootless." + std::filesystem::path(file).filename().string();
  std::string user = user_name();
  auto text = read_file(file, kMaxSubIds);
  std::string lines = "\n" + (text.ok() ? *text : "");
  if (lines.find("\n" + user + ":") != std::string::npos ||
      lines.find("\n" + std::to_string(::getuid()) + ":") != std::string::npos) {
    return {id, "PASS", file + " has a range for " + user, ""};
  }
  return {id, "FAIL", file + " has no range for " + user,
          "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + user};
}

void probe_rootless(std::vector<Probe>& probes) {
  auto newuidmap = find_program("newuidmap");
  probes.push_back(newuidmap.ok()
                       ? Probe{"builder.rootless.newuidmap", "PASS", *newuidmap, ""}
                       : Probe{"builder.rootless.newuidmap", "FAIL", newuidmap.status().message(),
                               "install the package uidmap"});
  probes.push_back(probe_sub_ids("/etc/subuid"));
  probes.push_back(probe_sub_ids("/etc/subgid"));
}

void probe_private(const BuilderRequest& request, std::vector<Probe>& probes) {
  auto programs = find_programs(request.ktl, request.getenv, request.root);
  if (!programs.ok()) {
    probes.push_back(failed("builder.programs", programs.status()));
    return;
  }
  probes.push_back(
      {"builder.programs", "PASS", programs->buildkitd + ", " + programs->runtime, ""});
  if (!request.root) {
    probe_rootless(probes);
  }
  auto home = home_for(*programs, request.state, request.runtime);
  if (!home.ok()) {
    probes.push_back(failed("builder.socket", home.status()));
    return;
  }
  bool up = answers(home->socket.string());
  probes.push_back({"builder.socket", "PASS",
                    up ? "running at unix://" + home->socket.string()
                       : "not running; starts with the next build",
                    ""});
}

}  // namespace

std::vector<Probe> probe_builder(const BuilderRequest& request) {
  std::vector<Probe> probes;
  auto address = parse_address(request.address, request.getenv);
  if (!address.ok()) {
    probes.push_back(failed("builder.address", address.status()));
  } else if (address->kind == Address::Kind::kPrivate) {
    probe_private(request, probes);
  }
  return probes;
}

}  // namespace ktl::builder
