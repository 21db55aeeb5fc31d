#include "cli/request/settings.h"

#include "cli/options/value.h"
#include "cli/request/results.h"

namespace ktl::cli {
namespace {

constexpr size_t kMaxLines = 1000;

// A variable of a repeatable option holds one word a line.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start <= text.size() && lines.size() < kMaxLines;) {
    size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) {
      lines.push_back(text.substr(start, end - start));
    }
    start = end + 1;
  }
  return lines;
}

Status take_environment(const Option& option, const Environment& environment, Settings& into) {
  KTL_ASSIGN(FromEnvironment found, look_up(environment, option));
  if (found.value.empty()) {
    return {};
  }
  if (!option.built) {
    return not_built(option, found.name + " sets --" + option.name).advise("unset " + found.name);
  }
  Setting setting{{found.value}, "env " + found.name};
  if (repeatable(option)) {
    setting.words = lines_of(found.value);
  }
  overlay(option, std::move(setting), into);
  return {};
}

void take_flags(const Option& option, const Parsed& parsed, Settings& into) {
  Setting setting{{}, "flag"};
  for (const Given& given : parsed.flags) {
    if (given.option == &option) {
      setting.words.push_back(given.value);
    }
  }
  if (!setting.words.empty()) {
    overlay(option, std::move(setting), into);
  }
}

void take_layer(const Option& option, const Settings& layer, Settings& into) {
  if (auto found = layer.find(option.name); found != layer.end()) {
    overlay(option, found->second, into);
  }
}

Status check_words(const Option& option, const Settings& settings) {
  auto found = settings.find(option.name);
  if (found == settings.end()) {
    return {};
  }
  for (const std::string& word : found->second.words) {
    KTL_TRY(check_value(option, word, found->second.origin));
  }
  return {};
}

}  // namespace

void overlay(const Option& option, Setting stronger, Settings& into) {
  Setting& slot = into[option.name];
  if (!is_map(option)) {
    slot = std::move(stronger);
    return;
  }
  slot.origins.resize(slot.words.size(), slot.origin);
  stronger.origins.resize(stronger.words.size(), stronger.origin);
  for (size_t i = 0; i < stronger.words.size(); ++i) {
    slot.words.push_back(std::move(stronger.words[i]));  // of two for one key the later one counts
    slot.origins.push_back(std::move(stronger.origins[i]));
  }
  slot.origin = std::move(stronger.origin);
}

Result<Settings> gather(const FlagSet& flags, const Parsed& parsed, const Environment& environment,
                        const Layers& layers) {
  Settings settings;
  for (const Option& option : flags.options()) {
    take_layer(option, layers.below, settings);
    if (layers.for_one_result || !is_of_one_result(option.name)) {
      KTL_TRY(take_environment(option, environment, settings));
      take_flags(option, parsed, settings);
    }
    take_layer(option, layers.above, settings);
    KTL_TRY(check_words(option, settings));
  }
  return settings;
}

std::string word_of(const Settings& settings, const std::string& name, std::string_view fallback) {
  auto found = settings.find(name);
  return found == settings.end() || found->second.words.empty() ? std::string(fallback)
                                                                : found->second.words.back();
}

bool flag_of(const Settings& settings, const std::string& name) {
  Result<bool> value = parse_bool(word_of(settings, name, "false"));
  return value.ok() && *value;
}

}  // namespace ktl::cli
