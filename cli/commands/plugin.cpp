// `ktl plugin list` and `ktl plugin show`.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/fd.h"
#include "base/sha256.h"
#include "base/suggest.h"
#include "cli/ground.h"
#include "cli/options/common_options.h"
#include "cli/render/sanitize.h"

namespace ktl::cli {
namespace {

// Empty when the file cannot be read any more.
std::string sha256_of(const PluginEntry& entry) {
  Result<UniqueFd> file = open_file(entry.path, O_RDONLY);
  Result<std::string> digest = file.ok() ? sha256_hex_of_fd(file->get()) : file.status();
  return digest.ok() ? *digest : std::string();
}

json::array flags_of(const Manifest& manifest) {
  json::array flags;
  for (const PluginFlag& flag : manifest.flags) {
    flags.push_back(json::object{{"name", flag.name}, {"group", flag.group}, {"help", flag.help}});
  }
  return flags;
}

json::array commands_of(const Manifest& manifest) {
  json::array commands;
  for (const PluginCommand& command : manifest.commands) {
    commands.push_back(json::object{{"name", command.name}, {"summary", command.summary}});
  }
  return commands;
}

json::object to_json(const PluginEntry& entry) {
  const Manifest& manifest = entry.manifest;
  return {{"id", manifest.id},
          {"version", manifest.version},
          {"summary", manifest.summary},
          {"path", entry.path},
          {"sha256", sha256_of(entry)},
          {"interfaces", json::value_from(manifest.interfaces)},
          {"flags", flags_of(manifest)},
          {"commands", commands_of(manifest)},
          {"config", manifest.config},
          {"origin", entry.origin},
          {"used", entry.used},
          {"replaced_by", entry.replaced_by},
          {"side", manifest.side},
          {"isolate", entry.isolate},
          {"fault", entry.fault.message()}};
}

std::string line_of(const PluginEntry& entry) {
  std::string state = !entry.used     ? "not used"
                      : entry.isolate ? "used, in a process of its own"
                                      : "used";
  if (!entry.replaced_by.empty()) {
    state = "replaced by " + entry.replaced_by;
  }
  std::string name = entry.manifest.id.empty() ? entry.path : entry.manifest.id;
  return fmt::format("{} {} {}: {}\n", one_line(name), one_line(entry.manifest.version),
                     entry.fault.ok() ? state : "faulty",
                     one_line(entry.fault.ok() ? entry.manifest.summary : entry.fault.message()));
}

std::string details_of(const PluginEntry& entry) {
  const Manifest& manifest = entry.manifest;
  std::string text = line_of(entry);
  text += "path: " + one_line(entry.path) + "\nsha256: " + sha256_of(entry) + "\n";
  for (const std::string& interface : manifest.interfaces) {
    text += "interface: " + one_line(interface) + "\n";
  }
  for (const PluginFlag& flag : manifest.flags) {
    text += "flag: --" + one_line(flag.name) + ": " + one_line(flag.help) + "\n";
  }
  for (const PluginCommand& command : manifest.commands) {
    text += "command: " + one_line(command.name) + ": " + one_line(command.summary) + "\n";
  }
  return text + "config: " + sanitize(pretty_json(manifest.config), false);
}

struct Look {
  Parsed parsed;
  PluginRegistry registry;
  bool as_json = false;
};

Result<Look> look(const Invocation& invocation) {
  static const FlagSet flags(plugin_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  KTL_ASSIGN(Settings settings, gather(flags, parsed, invocation.environment, {}));
  KTL_ASSIGN(Ground ground, find_ground(invocation, settings));
  return Look{std::move(parsed), std::move(ground.registry), flag_of(settings, "json")};
}

Result<std::string> list(const Invocation& invocation) {
  KTL_ASSIGN(Look seen, look(invocation));
  if (!seen.parsed.words.empty()) {
    return Status(Code::kInvalidArgument, "ktl plugin list takes no operand")
        .advise("`ktl plugin show " + seen.parsed.words[0] + "` shows one plugin");
  }
  json::array plugins;
  std::string lines;
  for (const PluginEntry& entry : seen.registry.entries()) {
    if (seen.as_json) {
      plugins.push_back(to_json(entry));
    } else {
      lines += line_of(entry);
    }
  }
  return seen.as_json ? pretty_json(json::object{{"plugins", plugins}}) : lines;
}

Result<std::string> show(const Invocation& invocation) {
  KTL_ASSIGN(Look seen, look(invocation));
  if (seen.parsed.words.size() != 1) {
    return Status(Code::kInvalidArgument, "ktl plugin show needs one plugin's id")
        .advise("`ktl plugin list` lists them");
  }
  const std::string& id = seen.parsed.words[0];
  std::vector<std::string> known;
  for (const PluginEntry& entry : seen.registry.entries()) {
    if (entry.manifest.id == id) {
      return seen.as_json ? pretty_json(to_json(entry)) : details_of(entry);
    }
    known.push_back(entry.manifest.id);
  }
  std::string advice = did_you_mean(id, known);
  return Status(Code::kNotFound, "there is no plugin " + id)
      .advise(advice.empty() ? "`ktl plugin list` lists them" : advice);
}

int print(const Invocation& invocation, const Result<std::string>& text) {
  if (!text.ok()) {
    return fail(invocation.console, text.status());
  }
  invocation.console.out(*text);
  return 0;
}

}  // namespace

int run_plugin_list(const Invocation& invocation) { return print(invocation, list(invocation)); }
int run_plugin_show(const Invocation& invocation) { return print(invocation, show(invocation)); }

}  // namespace ktl::cli
