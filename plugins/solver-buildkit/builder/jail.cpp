#include "builder/jail.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/sha256.h"
#include "builder/jail_policy.h"
#include "builder/network.h"

namespace ktl::builder {
namespace {

// In a mount namespace of its own: every source ("PATH NAME" in pairs, up to "--") appears under
// the first argument, where anybody may walk to it. The second one is covered: nsjail makes folders
// in /tmp, and none shall be left there.
constexpr const char* kStage = R"(stage=$1 cover=$2; shift 2
mount -t tmpfs -o mode=0755,nosuid,size=1m ktl-stage "$stage"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$stage/$2"; else : > "$stage/$2"; fi
  mount --bind "$1" "$stage/$2"
  shift 2
done
shift
[ -z "$cover" ] || mount -t tmpfs -o mode=1777,nosuid,nodev,size=16m ktl-tmp "$cover"
exec "$@"
)";

std::string quoted(const std::string& text) { return json::serialize(json::string(text)); }

// A source of a bind: where it is, and what it is called on the stage.
struct Source {
  std::string path;
  std::string name;
};

std::vector<Source> sources_of(const Site& site) {
  std::vector<Source> sources = {
      {site.home.jail().string(), "policy"},     {site.home.root().string(), "state"},
      {site.home.scratch().string(), "sockets"}, {site.home.config().string(), "config"},
      {site.programs.buildkitd, "buildkitd"},    {site.programs.runtime, "runtime"}};
  for (const Authority& authority : authorities_of(site)) {
    sources.push_back({authority.file, authority.name});
  }
  return sources;
}

bool below(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/");
}

// Folders that every Debian has and that nothing of this builder lies in.
std::string stage_of(const Site& site) {
  for (const char* folder : {"/mnt", "/media", "/srv", "/opt", "/boot"}) {
    std::error_code error;
    auto covers = [&](const Source& source) { return below(source.path, folder); };
    if (std::filesystem::is_directory(folder, error) &&
        std::ranges::none_of(sources_of(site), covers) && !below(site.programs.jail, folder)) {
      return folder;
    }
  }
  return "/mnt";
}

// Where the jail finds the source called `name`.
std::string place_of(const Site& site, const std::string& name, const std::string& path) {
  return site.ids.own ? path : stage_of(site) + "/" + name;
}

std::string id_map(const char* kind, uint32_t self, uint32_t first, bool own) {
  const std::string line = "{0} {{ inside_id: \"{1}\" outside_id: \"{2}\" count: {3} {4}}}\n";
  auto map = [&](int inside, uint32_t outside, uint32_t count, const char* how) {
    return fmt::format(fmt::runtime(line), kind, inside, outside, count, how);
  };
  return own ? map(0, self, 1, "use_newidmap: true ") +
                   map(1, first, kSlotIds - 1, "use_newidmap: true ")
             : map(0, first, kSlotIds, "");
}

std::string authority_lines(const Site& site) {
  std::string lines;
  for (const Authority& each : authorities_of(site)) {
    lines += fmt::format("mount {{ src: {} dst: {} is_bind: true }}\n",
                         quoted(place_of(site, each.name, each.file)), quoted(each.inside));
  }
  return lines;
}

std::string environment_lines(const std::vector<std::string>& environment) {
  std::string lines;
  for (const std::string& variable : environment) {
    lines += "envar: " + quoted(variable) + "\n";
  }
  return lines;
}

}  // namespace

Result<std::string> fill_in(const std::string& policy,
                            const std::vector<std::pair<std::string, std::string>>& values) {
  std::string text;
  size_t done = 0;
  for (size_t at = policy.find('@'); at != std::string::npos; at = policy.find('@', done)) {
    const size_t end = policy.find('@', at + 1);
    const std::string name =
        end == std::string::npos ? policy.substr(at) : policy.substr(at + 1, end - at - 1);
    auto value = std::ranges::find(values, name, &std::pair<std::string, std::string>::first);
    if (value == values.end()) {
      return Status(Code::kInternal, "the builder's policy wants '" + name.substr(0, 40) + "'");
    }
    text += policy.substr(done, at - done) + value->second;
    done = end + 1;
  }
  return text + policy.substr(done);
}

Result<std::string> jail_policy(const Site& site, const std::vector<std::string>& environment) {
  const Home& home = site.home;
  KTL_ASSIGN(Network network, parse_network(site.settings.network));
  auto place = [&](const char* name, const std::string& path) {
    return quoted(place_of(site, name, path));
  };
  return fill_in(kJailPolicy,
                 {{"MAPS", id_map("uidmap", ::getuid(), site.ids.uid, site.ids.own) +
                               id_map("gidmap", ::getgid(), site.ids.gid, site.ids.own)},
                  {"OWN_NETWORK", network.own() ? "true" : "false"},
                  // A new one shows the network's devices, which takes rights over that network.
                  {"SYSFS", network.own() ? "fstype: \"sysfs\"" : "src: \"/sys\" is_bind: true"},
                  {"ENVIRONMENT", environment_lines(environment)},
                  {"AUTHORITIES", authority_lines(site)},
                  {"RESOLVER", quoted(resolver_text(network))},
                  {"DAEMON", place("buildkitd", site.programs.buildkitd)},
                  {"RUNTIME", place("runtime", site.programs.runtime)},
                  {"CONFIG", place("config", home.config().string())},
                  {"INNER_CONFIG", quoted(home.inner_config().string())},
                  {"STATE", place("state", home.root().string())},
                  {"SOCKETS", place("sockets", home.scratch().string())},
                  {"INNER_SOCKETS", quoted(home.inner_sockets().string())}});
}

Command jail_command(const Site& site, const std::vector<std::string>& inside) {
  Command command;
  std::vector<std::string>& argv = command.argv;
  if (!site.ids.own) {
    argv = {site.programs.unshare,
            "--mount",
            "--propagation",
            "private",
            "/bin/sh",
            "-ec",
            kStage,
            "ktl-stage",
            stage_of(site),
            below(site.programs.jail, "/tmp") ? "" : "/tmp"};
    for (const Source& source : sources_of(site)) {
      argv.insert(argv.end(), {source.path, source.name});
    }
    argv.emplace_back("--");
  }
  argv.insert(argv.end(), {site.programs.jail, "--quiet", "--config",
                           place_of(site, "policy", site.home.jail().string()), "--"});
  argv.insert(argv.end(), inside.begin(), inside.end());
  command.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  command.directory = "/";
  return command;
}

std::string fence_digest() { return sha256_hex(std::string(kJailPolicy) + step_lines({})); }

}  // namespace ktl::builder
