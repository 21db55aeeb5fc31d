#include "cli/options/flag_set.h"

#include <algorithm>
#include <array>

#include "base/suggest.h"

namespace ktl::cli {
namespace {

struct Word {
  std::string_view text;
  Value value;
};
constexpr std::array<Word, 3> kValues = {
    {{"none", Value::kNone}, {"optional", Value::kOptional}, {"required", Value::kRequired}}};

Value value_of(std::string_view text) {
  const auto* found = std::find_if(kValues.begin(), kValues.end(),
                                   [&](const Word& word) { return word.text == text; });
  return found == kValues.end() ? Value::kNone : found->value;
}

Shape shape_of(std::string_view type) {
  if (type == "int") {
    return Shape::kInt;
  }
  return type == "bool" ? Shape::kBool : Shape::kText;
}

Option from_manifest(const json::value& flag, std::string_view plugin) {
  Option option{.name = std::string(text_of(flag, "name")),
                .value = value_of(text_of(flag, "value", "none")),
                .shape = shape_of(text_of(flag, "type", "bool")),
                .group = std::string(text_of(flag, "group", "plugins")),
                .help = std::string(text_of(flag, "help"))};
  option.operand = option.value == Value::kNone ? "" : "VALUE";
  option.choices = texts_of(flag, "values");
  option.aliases = texts_of(flag, "alias");
  option.implicit = std::string(text_of(flag, "implicit"));
  option.plugin = std::string(plugin);
  return option;
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

Status FlagSet::contribute(const json::value& manifest) {
  const json::value* flags = field_of(manifest, "flags");
  if (flags == nullptr || !flags->is_array()) {
    return {};
  }
  for (const json::value& flag : flags->get_array()) {
    KTL_TRY(add(from_manifest(flag, text_of(manifest, "id"))));
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
