#include "builder/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/suggest.h"

namespace ktl::builder {
namespace {

struct CommandRow {
  std::string_view name;
  std::string_view help;
};

constexpr std::array<CommandRow, 8> kCommands = {{
    {"ls", "list the private builders of this user"},
    {"inspect", "show one of them"},
    {"start", "start it, or do nothing when it runs"},
    {"stop", "wait for the builds that use it, then stop it; its state is kept"},
    {"du", "show what its cache holds"},
    {"prune", "remove what no build is using from its cache"},
    {"supervise", "run it in the foreground, as `start` does in the background"},
    {"help", "show this"},
}};

struct OptionRow {
  std::string_view name;
  std::string_view value;     // what stands for the value in the help; empty for a switch
  std::string_view commands;  // who takes it
  std::string_view help;      // empty: for ktl itself
};

constexpr std::array<OptionRow, 13> kOptions = {{
    {"trust", "ZONE", "inspect start stop du prune supervise",
     "the builder of that trust zone (default)"},
    {"json", "", "ls inspect du prune", "the same as JSON"},
    {"idle", "SECONDS", "start supervise", "how long it stays after its last build"},
    {"timeout", "SECONDS", "stop", "how long to wait for builds that use it (60)"},
    {"force", "", "stop", "do not wait: builds that use it fail"},
    {"all", "", "stop prune", "stop: every zone; prune: internal and frontend images as well"},
    {"filter", "FILTER", "du prune", "only these records, as buildctl's: type==exec.cachemount"},
    {"keep-storage", "SIZE", "prune", "stop removing when this much is left: 2GB"},
    {"older-than", "SECONDS", "prune", "only what was not used for that long"},
    {"order", "FILE", "supervise", ""},
    {"ready-fd", "FD", "supervise", ""},
    {"start-lock-fd", "FD", "supervise", ""},
    {"help", "", "ls inspect start stop du prune supervise help", "show this"},
}};

bool takes(const OptionRow& row, std::string_view command) {
  std::string commands = fmt::format(" {} ", row.commands);
  return commands.find(fmt::format(" {} ", command)) != std::string::npos;
}

const OptionRow* find_option(std::string_view name, std::string_view command) {
  auto row = std::ranges::find_if(
      kOptions, [&](const OptionRow& each) { return each.name == name && takes(each, command); });
  return row == kOptions.end() ? nullptr : &*row;
}

Status unknown_command(const std::string& word) {
  std::vector<std::string> known;
  for (const CommandRow& row : kCommands) {
    known.emplace_back(row.name);
  }
  std::string advice = did_you_mean(word, known);
  return Status(Code::kInvalidArgument, "ktl builder has no command " + word)
      .advise(advice.empty() ? "see `ktl builder --help`" : advice);
}

Status unknown_option(const std::string& command, const std::string& word) {
  std::vector<std::string> known;
  for (const OptionRow& row : kOptions) {
    if (takes(row, command)) {
      known.push_back("--" + std::string(row.name));
    }
  }
  std::string advice = did_you_mean(word, known);
  return Status(Code::kInvalidArgument, "ktl builder " + command + " does not take " + word)
      .advise(advice.empty() ? "see `ktl builder --help`" : advice);
}

// Takes the option at `at` and its value; leaves `at` behind both.
Status take_option(const std::vector<std::string>& words, size_t& at, CommandLine& line) {
  const std::string& word = words[at++];
  size_t equals = word.find('=');
  std::string name = word.substr(0, equals);
  const OptionRow* row =
      name.starts_with("--") ? find_option(name.substr(2), line.command) : nullptr;
  if (row == nullptr) {
    return unknown_option(line.command, name);
  }
  std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (row->value.empty() != (equals == std::string::npos)) {
    if (row->value.empty() || at == words.size()) {
      return {Code::kInvalidArgument,
              name + (row->value.empty() ? " takes no value" : " needs a value")};
    }
    value = words[at++];
  }
  line.options[std::string(row->name)].push_back(value);
  return {};
}

}  // namespace

std::string CommandLine::text(std::string_view name, std::string_view fallback) const {
  auto found = options.find(name);
  return found == options.end() ? std::string(fallback) : found->second.back();
}

std::vector<std::string> CommandLine::texts(std::string_view name) const {
  auto found = options.find(name);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

Result<int64_t> CommandLine::number(std::string_view name, int64_t fallback, int64_t low,
                                    int64_t high) const {
  if (!has(name)) {
    return fallback;
  }
  std::string value = text(name);
  int64_t number = 0;
  auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || number < low ||
      number > high) {
    return Status(
        Code::kInvalidArgument,
        fmt::format("--{} {}: a whole number from {} to {} is needed", name, value, low, high));
  }
  return number;
}

Result<CommandLine> parse_command_line(const std::vector<std::string>& words) {
  CommandLine line;
  line.command = words.empty() || words[0] == "--help" || words[0] == "-h" ? "help" : words[0];
  if (std::ranges::none_of(kCommands, [&](const auto& row) { return row.name == line.command; })) {
    return unknown_command(line.command);
  }
  for (size_t at = words.empty() || words[0] != line.command ? words.size() : 1;
       at < words.size();) {
    KTL_TRY(take_option(words, at, line));
  }
  if (line.has("help")) {
    line.command = "help";
  }
  return line;
}

std::string command_help() {
  std::string text = "ktl builder COMMAND [OPTION ...]: the private builder's life by hand\n\n";
  for (const CommandRow& row : kCommands) {
    text += fmt::format("  {:<12}{}\n", row.name, row.help);
  }
  text += "\n";
  for (const OptionRow& row : kOptions) {
    if (!row.help.empty()) {
      std::string name = fmt::format("--{} {}", row.name, row.value);
      text += fmt::format("  {:<22}{}\n", name, row.help);
    }
  }
  return text;
}

}  // namespace ktl::builder
