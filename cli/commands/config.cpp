// `ktl config show|schema|trust`: what ktl goes by, and which project files it believes.
#include <fmt/format.h>

#include "base/sha256.h"
#include "base/suggest.h"
#include "cli/ground.h"
#include "cli/options/common_options.h"
#include "cli/render/sanitize.h"
#include "cli/request/convert.h"
#include "cli/request/layers.h"
#include "core/document/schemas.h"
#include "core/project/trust.h"

namespace ktl::cli {
namespace {

struct Look {
  Ground ground;
  FlagSet flags;
  Settings own;     // --json, --origin, --profile ...
  Settings values;  // of the flags of `ktl build`
  const Target* target = nullptr;
};

Result<const Target*> target_of(const std::vector<std::string>& words, const Ground& ground) {
  if (words.empty()) {
    return nullptr;
  }
  std::vector<std::string> known;
  for (const Target& target : ground.project ? ground.project->targets : std::vector<Target>()) {
    known.push_back(target.name);
  }
  const Target* target = ground.project ? find_target(ground.project->targets, words[0]) : nullptr;
  if (target == nullptr || words.size() > 1) {
    return Status(Code::kInvalidArgument, words.size() > 1 ? "ktl config show takes one target"
                                                           : "there is no target " + words[0])
        .advise(did_you_mean(words[0], known));
  }
  return target;
}

Result<Look> look(const Invocation& invocation) {
  FlagSet own(config_show_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(own, invocation.args));
  KTL_ASSIGN(Settings settings, gather(own, parsed, invocation.environment, {}));
  KTL_ASSIGN(Ground ground, find_ground(invocation, settings));
  KTL_ASSIGN(FlagSet flags, build_flags(ground.registry));
  Look seen{std::move(ground), std::move(flags), std::move(settings), {}, nullptr};
  KTL_ASSIGN(seen.target, target_of(parsed.words, seen.ground));
  LayerQuery query{.user = seen.ground.user, .project = seen.ground.project, .target = seen.target};
  if (auto profile = seen.own.find("profile"); profile != seen.own.end()) {
    query.profile = profile->second.words.back();
    query.profile_origin = profile->second.origin;
  }
  KTL_ASSIGN(Layers layers, layers_of(seen.flags, query));
  KTL_ASSIGN(seen.values, gather(seen.flags, {}, invocation.environment, layers));
  return seen;
}

std::string file_of(const std::optional<Project>& file) {
  return file ? file->file.native() : std::string();
}

std::vector<std::string> targets_of(const std::optional<Project>& project) {
  std::vector<std::string> names;
  for (const Target& target : project ? project->targets : std::vector<Target>()) {
    names.push_back(target.name);
  }
  return names;
}

const std::string& origin_of(const Setting& setting, size_t word) {
  return word < setting.origins.size() ? setting.origins[word] : setting.origin;
}

json::object to_json(const Look& seen) {
  json::object values;
  for (const auto& [name, setting] : seen.values) {
    json::array words;
    for (size_t i = 0; i < setting.words.size(); ++i) {
      words.push_back(json::object{{"word", setting.words[i]}, {"origin", origin_of(setting, i)}});
    }
    values[name] = std::move(words);
  }
  const auto& project = seen.ground.project;
  return {{"user", file_of(seen.ground.user)},
          {"project", file_of(project)},
          {"trusted", project && project->trusted},
          {"profile", word_of(seen.own, "profile")},
          {"target", seen.target == nullptr ? "" : seen.target->name},
          {"targets", json::value_from(targets_of(project))},
          {"values", std::move(values)},
          {"registries", project ? oci::to_json(project->registries) : json::array()},
          {"builders", project ? ktl::to_json(project->builders) : json::array()}};
}

std::string to_text(const Look& seen, bool origins) {
  const auto& project = seen.ground.project;
  std::string text = "user config: " + one_line(file_of(seen.ground.user)) + "\n" +
                     "project: " + one_line(file_of(project)) +
                     (project ? (project->trusted ? " (trusted)" : " (not trusted)") : "") + "\n";
  for (const std::string& name : targets_of(project)) {
    text += "target: " + one_line(name) + "\n";
  }
  for (const auto& [name, setting] : seen.values) {
    for (size_t i = 0; i < setting.words.size(); ++i) {
      text += fmt::format("{} = {}{}\n", name, one_line(setting.words[i]),
                          origins ? "  # " + one_line(origin_of(setting, i)) : "");
    }
  }
  return text;
}

// Who can change a plugin's file can run code, and the project file would not show it.
void warn_about_plugins(const Project& project, Console& console) {
  for (const PluginWish& wish : project.plugins) {
    if (wish.enabled && !wish.path.empty() && wish.sha256.empty()) {
      console.err("warning: " + one_line(wish.origin) + ": " + one_line(wish.path.native()) +
                  " may change without notice: pin it with sha256\n");
    }
  }
}

Result<std::string> trust(const Invocation& invocation) {
  FlagSet flags(config_trust_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  if (parsed.words.size() != 1) {
    return Status(Code::kInvalidArgument, "ktl config trust needs one project file")
        .advise("ktl config trust ktl.yaml");
  }
  std::filesystem::path records = trust_file();
  if (records.empty()) {
    return Status(Code::kInvalidArgument, "there is no folder to keep the record of trust in")
        .advise("set HOME or XDG_STATE_HOME");
  }
  std::filesystem::path file = absolute(invocation.directory, parsed.words[0]);
  KTL_ASSIGN(Settings given, gather(flags, parsed, Environment(Variables()), {}));
  if (flag_of(given, "forget")) {
    KTL_ASSIGN(bool known, TrustRecords(records).forget(file));
    return (known ? "forgotten: " : "was not trusted: ") + file.native() + "\n";
  }
  KTL_ASSIGN(std::string text, read_trustable(file));
  KTL_ASSIGN(Project project,
             parse_project(text, {.file = file, .untrusted = {}, .overrides = {}}));
  warn_about_plugins(project, invocation.console);
  std::string digest = sha256_hex(text);
  KTL_TRY(TrustRecords(records).record(file, digest));
  return "trusted: " + file.native() + " sha256:" + digest + "\n";
}

int print(const Invocation& invocation, const Result<std::string>& text) {
  if (!text.ok()) {
    return fail(invocation.console, text.status());
  }
  invocation.console.out(sanitize(*text, false));
  return 0;
}

Result<std::string> show(const Invocation& invocation) {
  KTL_ASSIGN(Look seen, look(invocation));
  return flag_of(seen.own, "json") ? pretty_json(to_json(seen))
                                   : to_text(seen, flag_of(seen.own, "origin"));
}

Result<std::string> schema(const Invocation& invocation) {
  KTL_ASSIGN(Parsed parsed, parse_flags(FlagSet(no_options()), invocation.args));
  if (!parsed.words.empty()) {
    return Status(Code::kInvalidArgument, "ktl config schema takes no operand");
  }
  return std::string(schema_text("project-1"));
}

}  // namespace

int run_config_show(const Invocation& invocation) { return print(invocation, show(invocation)); }
int run_config_schema(const Invocation& invocation) {
  return print(invocation, schema(invocation));
}
int run_config_trust(const Invocation& invocation) { return print(invocation, trust(invocation)); }

}  // namespace ktl::cli
