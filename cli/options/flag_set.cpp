#include "cli/options/flag_set.h"

#include <algorithm>

#include "base/suggest.h"

namespace ktl::cli {
namespace {

Value value_of(PluginFlag::Value value) {
  switch (value) {
    case PluginFlag::Value::kNone:
      return Value::kNone;
    case PluginFlag::Value::kOptional:
      return Value::kOptional;
    default:
      return Value::kRequired;
  }
}

Shape shape_of(PluginFlag::Type type) {
  switch (type) {
    case PluginFlag::Type::kBool:
      return Shape::kBool;
    case PluginFlag::Type::kInt:
      return Shape::kInt;
    case PluginFlag::Type::kPath:
      return Shape::kPath;
    case PluginFlag::Type::kPlaces:
      return Shape::kPlaces;
    default:
      return Shape::kText;
  }
}

Option from_manifest(const PluginFlag& flag, const std::string& plugin) {
  return {.name = flag.name,
          .value = value_of(flag.value),
          .shape = shape_of(flag.type),
          .group = flag.group.empty() ? "plugins" : flag.group,
          .operand = flag.value == PluginFlag::Value::kNone ? "" : "VALUE",
          .help = flag.help,
          .choices = flag.values,
          .aliases = flag.aliases,
          .implicit = flag.implicit,
          .plugin = plugin};
}

// A flag that starts with `word` (abbreviations are not understood, but meant), else the nearest.
std::string nearest(const std::string& word, const std::vector<Option>& options) {
  std::vector<std::string> known;
  for (const Option& option : options) {
    if (word.size() > 2 && option.built && option.name.starts_with(word)) {
      return option.name;
    }
    known.push_back(option.name);
  }
  return word.size() < 2 ? "" : suggest(word, known);
}

bool answers_to(const Option& option, std::string_view name) {
  return option.name == name ||
         std::find(option.aliases.begin(), option.aliases.end(), name) != option.aliases.end();
}

}  // namespace

const Option* FlagSet::find(std::string_view name) const {
  for (const Option& option : options_) {
    if (answers_to(option, name)) {
      return &option;
    }
  }
  return nullptr;
}

Status FlagSet::add(Option option) {
  std::vector<std::string> names = option.aliases;
  names.push_back(option.name);
  for (const std::string& name : names) {
    const Option* taken = find(name);
    if (taken == nullptr) {
      continue;
    }
    if (taken->built) {
      std::string owner = taken->plugin.empty() ? "ktl itself" : "plugin " + taken->plugin;
      return Status(Code::kInvalidArgument,
                    "flag --" + name + " belongs to " + owner + " and to plugin " + option.plugin)
          .advise("remove one of the two plugins from the plugin folders");
    }
    std::erase_if(options_, [&](const Option& each) { return each.name == name; });
  }
  options_.push_back(std::move(option));
  return {};
}

Status FlagSet::contribute(const Manifest& manifest) {
  for (const PluginFlag& flag : manifest.flags) {
    KTL_TRY(add(from_manifest(flag, manifest.id)));
  }
  return {};
}

Status FlagSet::unknown(std::string_view name) const {
  std::string bare(name.substr(std::min(name.find_first_not_of('-'), name.size())));
  Status status(Code::kInvalidArgument, "unknown flag " + std::string(name));
  std::string near = nearest(bare, options_);
  return near.empty() ? std::move(status)
                      : std::move(status).advise("did you mean --" + near + "?");
}

}  // namespace ktl::cli
