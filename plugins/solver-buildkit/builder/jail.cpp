#include "builder/jail.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/json.h"
#include "base/sha256.h"
#include "builder/jail_policy.h"
#include "builder/mount_table.h"
#include "builder/network.h"

namespace ktl::builder {
namespace {

// In a mount namespace of its own: every source ("PATH PLACE OPTIONS" in threes, up to "--")
// appears at its place, where anybody may walk to it. The second argument is covered: nsjail makes
// folders in /tmp, and none shall be left there.
constexpr const char* kStage = R"(stage=$1 cover=$2; shift 2
mount -t tmpfs -o mode=0755,nosuid,size=1m ktl-stage "$stage"
while [ "$1" != -- ]; do
  [ -e "$2" ] || if [ -d "$1" ]; then mkdir "$2"; else : > "$2"; fi
  mount -o "$3" "$1" "$2"
  shift 3
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
  bool writable = false;
};

std::vector<Source> sources_of(const Site& site) {
  std::vector<Source> sources = {
      {site.home.jail().string(), "policy"},           {site.home.root().string(), "state", true},
      {site.home.scratch().string(), "sockets", true}, {site.home.config().string(), "config"},
      {site.programs.buildkitd, "buildkitd"},          {site.programs.runtime, "runtime"}};
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
std::string place_of(const Site& site, const std::string& name) {
  return stage_of(site) + "/" + name;
}

// The policy's binds of this machine's own folders that nobody is to write, each once: /bin may be
// a link into /usr.
std::vector<std::string> fixed_folders() {
  constexpr std::string_view kSource = "mount { src: \"/";
  std::vector<std::string> folders;
  std::istringstream lines(kJailPolicy);
  for (std::string line; std::getline(lines, line);) {
    const size_t end = line.find('"', kSource.size());
    const bool bind = line.starts_with(kSource) && line.find("is_bind: true") != std::string::npos;
    if (!bind || end == std::string::npos || line.find("rw: true") != std::string::npos ||
        line.starts_with("mount { src: \"/proc")) {
      continue;
    }
    std::error_code error;
    const auto path = std::filesystem::canonical(
        line.substr(kSource.size() - 1, end - kSource.size() + 1), error);
    if (!error) {
      folders.push_back(path);
    }
  }
  std::ranges::sort(folders);  // what lies in another comes behind it
  std::vector<std::string> outermost;
  for (const std::string& folder : folders) {
    if (outermost.empty() || (folder != outermost.back() && !below(folder, outermost.back()))) {
      outermost.push_back(folder);
    }
  }
  return outermost;
}

// A mount that was made read-only before the jail's user namespace was there stays it: the kernel
// locks the options of what comes from a more privileged one (mount_namespaces(7)). None of the
// options that are there may be left out, for the same reason.
void add_locked(const MountTable& table, const std::string& path, const std::string& place,
                std::vector<std::string>& words) {
  const auto locked = [&](const char* how, const std::string& of) {
    const std::string options = table.options_of(of);
    return fmt::format("{}{}{},ro", how, options.empty() ? "" : ",", options);
  };
  words.insert(words.end(), {path, place, locked("rbind", path)});
  for (const std::string& point : table.below(path)) {
    words.insert(words.end(),
                 {point, place + point.substr(path.size()), locked("remount,bind", point)});
  }
}

// What the stage's script takes: staged first, since a bind of a read-only mount is one itself.
Result<std::vector<std::string>> stage_words(const Site& site) {
  KTL_ASSIGN(const MountTable table, MountTable::here());
  std::vector<std::string> words;
  for (const Source& source : sources_of(site)) {
    const std::string place = place_of(site, source.name);
    if (source.writable) {
      words.insert(words.end(), {source.path, place, "rbind"});
    } else {
      add_locked(table, source.path, place, words);
    }
  }
  for (const std::string& folder : fixed_folders()) {
    add_locked(table, folder, folder, words);
  }
  return words;
}

// In the stage's user namespace, where there is one, the ids are those of the jail already.
std::string id_map(const char* kind, uint32_t first, bool own) {
  const std::string line = "{} {{ inside_id: \"{}\" outside_id: \"{}\" count: {} }}\n";
  auto map = [&](int inside, uint32_t outside, uint32_t count) {
    return fmt::format(fmt::runtime(line), kind, inside, outside, count);
  };
  return own ? map(0, 0, 1) + map(1, 1, kSlotIds - 1) : map(0, first, kSlotIds);
}

std::string id_maps(const SubIds& ids) {
  // nsjail takes the stage's root for the machine's, and warns of it.
  return (ids.own ? "log_level: ERROR\n" : "") + id_map("uidmap", ids.uid, ids.own) +
         id_map("gidmap", ids.gid, ids.own);
}

// A user stages in a user namespace, where 0 is that user and the others are the sub-ids.
std::vector<std::string> stage_namespaces(const Site& site) {
  std::vector<std::string> words = {site.programs.unshare};
  if (site.ids.own) {
    const uint32_t others = kSlotIds - 1;
    words.insert(words.end(),
                 {"--map-root-user", fmt::format("--map-users={},1,{}", site.ids.uid, others),
                  fmt::format("--map-groups={},1,{}", site.ids.gid, others)});
  }
  words.insert(words.end(), {"--mount", "--propagation", "private"});
  return words;
}

std::string authority_lines(const Site& site) {
  std::string lines;
  for (const Authority& each : authorities_of(site)) {
    lines += fmt::format("mount {{ src: {} dst: {} is_bind: true }}\n",
                         quoted(place_of(site, each.name)), quoted(each.inside));
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
  auto place = [&](const char* name) { return quoted(place_of(site, name)); };
  return fill_in(kJailPolicy,
                 {{"MAPS", id_maps(site.ids)},
                  {"OWN_NETWORK", network.own() ? "true" : "false"},
                  // A new one shows the network's devices, which takes rights over that network.
                  {"SYSFS", network.own() ? "fstype: \"sysfs\"" : "src: \"/sys\" is_bind: true"},
                  {"ENVIRONMENT", environment_lines(environment)},
                  {"AUTHORITIES", authority_lines(site)},
                  {"RESOLVER", quoted(resolver_text(network))},
                  {"DAEMON", place("buildkitd")},
                  {"RUNTIME", place("runtime")},
                  {"CONFIG", place("config")},
                  {"INNER_CONFIG", quoted(home.inner_config().string())},
                  {"STATE", place("state")},
                  {"SOCKETS", place("sockets")},
                  {"INNER_SOCKETS", quoted(home.inner_sockets().string())}});
}

Result<Command> jail_command(const Site& site, const std::vector<std::string>& inside) {
  KTL_ASSIGN(const std::vector<std::string> staged, stage_words(site));
  Command command;
  std::vector<std::string>& argv = command.argv;
  const auto add = [&argv](const std::vector<std::string>& words) {
    argv.insert(argv.end(), words.begin(), words.end());
  };
  add(stage_namespaces(site));
  add({"/bin/sh", "-ec", kStage, "ktl-stage", stage_of(site),
       below(site.programs.jail, "/tmp") ? "" : "/tmp"});
  add(staged);
  add({"--", site.programs.jail, "--quiet", "--config", place_of(site, "policy"), "--"});
  add(inside);
  command.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  command.directory = "/";
  return command;
}

std::string fence_digest() {
  return sha256_hex(std::string(kJailPolicy) + kStage + step_lines({}));
}

}  // namespace ktl::builder
