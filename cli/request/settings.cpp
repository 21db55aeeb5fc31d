#include "cli/request/settings.h"

#include "cli/options/value.h"

namespace ktl::cli {
namespace {

constexpr size_t kMaxLines = 1000;

bool is_map(const Option& option) {
  return option.shape == Shape::kArgs || option.shape == Shape::kLabels;
}

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

// `stronger` over what `into` has.
void overlay(const Option& option, Setting stronger, Settings& into) {
  Setting& slot = into[option.name];
  if (!is_map(option)) {
    slot = std::move(stronger);
    return;
  }
  for (std::string& word : stronger.words) {
    slot.words.push_back(std::move(word));  // of two words for one key the later one counts
  }
  slot.origin = std::move(stronger.origin);
}

Status take_environment(const Option& option, const Environment& environment, Settings& into) {
  KTL_ASSIGN(FromEnvironment found, look_up(environment, option));
  if (found.value.empty()) {
    return {};
  }
  if (!option.built) {
    return Status(Code::kInvalidArgument, found.name + " sets --" + option.name + ": not built yet")
        .advise("unset " + found.name);
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

}  // namespace

Result<Settings> gather(const FlagSet& flags, const Parsed& parsed, const Environment& environment,
                        const Settings& project) {
  Settings settings = project;
  for (const Option& option : flags.options()) {
    KTL_TRY(take_environment(option, environment, settings));
    take_flags(option, parsed, settings);
    auto found = settings.find(option.name);
    if (found == settings.end()) {
      continue;
    }
    for (const std::string& word : found->second.words) {
      KTL_TRY(check_value(option, word, found->second.origin));
    }
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
