#include "gateway/failed_step.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "error_details.h"

namespace ktl::solver {
namespace {

namespace frontend = moby::buildkit::v1::frontend;

const json::value kNone(json::object{});

const json::value& part(const json::value& of, std::string_view key) {
  const json::value* found = field_of(of, key);
  return found == nullptr ? kNone : *found;
}

json::array list_of(const json::value& of, std::string_view key) {
  const json::value& found = part(of, key);
  return found.is_array() ? found.get_array() : json::array();
}

std::string text(const json::value& of, std::string_view key) {
  return std::string(text_of(of, key));
}

// protobuf's JSON writes an enumerator by its name, and leaves the first one out.
template <class Enum, size_t kSize>
Enum one_of(const json::value& of, std::string_view key,
            const std::array<std::pair<std::string_view, Enum>, kSize>& names, Enum fallback) {
  const std::string_view name = text_of(of, key);
  const auto* found = std::ranges::find(names, name, [](const auto& row) { return row.first; });
  return found == names.end() ? fallback : found->second;
}

pb::MountType type_of(const json::value& mount) {
  constexpr std::array<std::pair<std::string_view, pb::MountType>, 4> kTypes = {
      {{"SECRET", pb::SECRET}, {"SSH", pb::SSH}, {"CACHE", pb::CACHE}, {"TMPFS", pb::TMPFS}}};
  return one_of(mount, "mountType", kTypes, pb::BIND);
}

pb::CacheSharingOpt sharing_of(const json::value& cache) {
  constexpr std::array<std::pair<std::string_view, pb::CacheSharingOpt>, 2> kSharings = {
      {{"PRIVATE", pb::PRIVATE}, {"LOCKED", pb::LOCKED}}};
  return one_of(cache, "sharing", kSharings, pb::SHARED);
}

// A mode that is not known is the narrowest.
pb::NetMode network_of(const json::value& exec) {
  constexpr std::array<std::pair<std::string_view, pb::NetMode>, 3> kModes = {
      {{"", pb::UNSET}, {"UNSET", pb::UNSET}, {"HOST", pb::HOST}}};
  return one_of(exec, "network", kModes, pb::NONE);
}

pb::SecurityMode security_of(const json::value& exec) {
  constexpr std::array<std::pair<std::string_view, pb::SecurityMode>, 1> kModes = {
      {{"INSECURE", pb::INSECURE}}};
  return one_of(exec, "security", kModes, pb::SANDBOX);
}

// SecretOpt and SSHOpt have the same fields.
template <class Option>
void add_option(const json::value& from, Option& option) {
  option.set_id(text(from, "ID"));
  option.set_uid(static_cast<uint32_t>(int_of(from, "uid")));
  option.set_gid(static_cast<uint32_t>(int_of(from, "gid")));
  option.set_mode(static_cast<uint32_t>(int_of(from, "mode")));
  option.set_optional(bool_of(from, "optional"));
}

void add_mount(const json::value& from, const std::string& result, pb::Mount& mount) {
  mount.set_selector(text(from, "selector"));
  mount.set_dest(text(from, "dest"));
  mount.set_readonly(bool_of(from, "readonly"));
  mount.set_mounttype(type_of(from));
  mount.set_resultid(result);
  if (const json::value* cache = field_of(from, "cacheOpt")) {
    mount.mutable_cacheopt()->set_id(text(*cache, "ID"));
    mount.mutable_cacheopt()->set_sharing(sharing_of(*cache));
  }
  if (const json::value* secret = field_of(from, "secretOpt")) {
    add_option(*secret, *mount.mutable_secretopt());
  }
  if (const json::value* agent = field_of(from, "SSHOpt")) {
    add_option(*agent, *mount.mutable_sshopt());
  }
}

frontend::NewContainerRequest container_of(const json::value& solve) {
  const json::value& op = part(solve, "op");
  const json::value& exec = part(op, "exec");
  const json::array results = list_of(solve, "mountIDs");
  frontend::NewContainerRequest container;
  size_t i = 0;
  for (const json::value& mount : list_of(exec, "mounts")) {
    const json::value& result = results[i++];
    add_mount(mount, result.is_string() ? std::string(result.get_string()) : "",
              *container.add_mounts());
  }
  container.set_network(network_of(exec));
  if (const json::value* platform = field_of(op, "platform")) {
    container.mutable_platform()->set_os(text(*platform, "OS"));
    container.mutable_platform()->set_architecture(text(*platform, "Architecture"));
    container.mutable_platform()->set_variant(text(*platform, "Variant"));
  }
  for (std::string& filter : texts_of(part(op, "constraints"), "filter")) {
    container.mutable_constraints()->add_filter(std::move(filter));
  }
  const json::value& meta = part(exec, "meta");
  for (const json::value& host : list_of(meta, "extraHosts")) {
    pb::HostIP& line = *container.add_extrahosts();
    line.set_host(text(host, "Host"));
    line.set_ip(text(host, "IP"));
  }
  container.set_hostname(text(meta, "hostname"));
  return container;
}

// As BuildKit gives them to a step (solver/llbsolver/ops/exec.go, proxyEnvList).
void add_proxies(const json::value& proxies, pb::Meta& meta) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {
      {{"httpProxy", "HTTP_PROXY"},
       {"httpsProxy", "HTTPS_PROXY"},
       {"ftpProxy", "FTP_PROXY"},
       {"noProxy", "NO_PROXY"},
       {"allProxy", "ALL_PROXY"}}};
  for (const auto& [key, name] : kNames) {
    const std::string value = text(proxies, key);
    if (value.empty()) {
      continue;
    }
    std::string small(name);
    std::ranges::transform(small, small.begin(),
                           [](char c) { return c == '_' ? c : static_cast<char>(c + 32); });
    meta.add_env(std::string(name) + "=" + value);
    meta.add_env(small + "=" + value);
  }
}

frontend::InitMessage process_of(const json::value& exec) {
  const json::value& meta = part(exec, "meta");
  frontend::InitMessage process;
  pb::Meta& own = *process.mutable_meta();
  for (std::string& variable : texts_of(meta, "env")) {
    own.add_env(std::move(variable));
  }
  add_proxies(part(meta, "proxyEnv"), own);
  own.set_cwd(text(meta, "cwd"));
  own.set_user(text(meta, "user"));
  own.set_removemountstubsrecursive(bool_of(meta, "removeMountStubsRecursive"));
  process.set_security(security_of(exec));
  for (const json::value& secret : list_of(exec, "secretenv")) {
    pb::SecretEnv& variable = *process.add_secretenv();
    variable.set_id(text(secret, "ID"));
    variable.set_name(text(secret, "name"));
    variable.set_optional(bool_of(secret, "optional"));
  }
  return process;
}

// An error that came through several hands has a "Solve" of each; one has the results' names.
bool is_usable(const json::value& solve) {
  const size_t mounts = list_of(part(part(solve, "op"), "exec"), "mounts").size();
  return mounts > 0 && list_of(solve, "mountIDs").size() >= mounts;
}

}  // namespace

Result<FailedStep> failed_step(const std::string& details) {
  std::optional<FailedStep> found;
  std::string vertex;
  for (const auto& [type, value] : error_details(details)) {
    if (type.ends_with("/errdefs.Vertex+json") && vertex.empty()) {
      vertex = text(value, "digest");
    } else if (type.ends_with("/errdefs.Solve+json") && !found && is_usable(value)) {
      found = FailedStep{"", container_of(value), process_of(part(part(value, "op"), "exec"))};
    }
  }
  if (!found) {
    return Status(Code::kNotFound, "what failed is no RUN step that had begun");
  }
  found->vertex = std::move(vertex);
  return *std::move(found);
}

}  // namespace ktl::solver
