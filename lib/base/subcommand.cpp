#include "base/subcommand.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"
#include "base/suggest.h"

namespace ktl {
namespace {

bool takes(const SubcommandOption& row, std::string_view command) {
  std::string commands = fmt::format(" {} ", row.commands);
  return commands.find(fmt::format(" {} ", command)) != std::string::npos;
}

const SubcommandRow* find_command(const SubcommandTable& table, std::string_view name) {
  auto row = std::ranges::find(table.commands, name, &SubcommandRow::name);
  return row == table.commands.end() ? nullptr : &*row;
}

const SubcommandOption* find_option(const SubcommandTable& table, std::string_view name,
                                    std::string_view command) {
  auto row = std::ranges::find_if(
      table.options, [&](const auto& each) { return each.name == name && takes(each, command); });
  return row == table.options.end() ? nullptr : &*row;
}

Status unknown_command(const SubcommandTable& table, const std::string& word) {
  std::vector<std::string> known;
  for (const SubcommandRow& row : table.commands) {
    known.emplace_back(row.name);
  }
  std::string advice = did_you_mean(word, known);
  return Status(Code::kInvalidArgument, fmt::format("{} has no command {}", table.program, word))
      .advise(advice.empty() ? fmt::format("see `{} --help`", table.program) : advice);
}

Status unknown_option(const SubcommandTable& table, const std::string& command,
                      const std::string& word) {
  std::vector<std::string> known;
  for (const SubcommandOption& row : table.options) {
    if (takes(row, command)) {
      known.push_back("--" + std::string(row.name));
    }
  }
  std::string advice = did_you_mean(word, known);
  return Status(Code::kInvalidArgument,
                fmt::format("{} {} does not take {}", table.program, command, word))
      .advise(advice.empty() ? fmt::format("see `{} --help`", table.program) : advice);
}

// Takes the option at `at` and its value; leaves `at` behind both.
Status take_option(const SubcommandTable& table, const std::vector<std::string>& words, size_t& at,
                   CommandLine& line) {
  const std::string& word = words[at++];
  size_t equals = word.find('=');
  std::string name = word.substr(0, equals);
  const SubcommandOption* row =
      name.starts_with("--") ? find_option(table, name.substr(2), line.command) : nullptr;
  if (row == nullptr) {
    return unknown_option(table, line.command, name);
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

Status check_words(const SubcommandTable& table, const SubcommandRow& row,
                   const CommandLine& line) {
  const std::string usage = fmt::format("{} {} {}", table.program, row.name, row.words);
  if (line.words.size() > row.most_words) {
    return unknown_option(table, line.command, line.words[row.most_words]);
  }
  return line.words.size() < row.least_words
             ? Status(Code::kInvalidArgument,
                      fmt::format("{} {} needs {}", table.program, row.name, row.words))
                   .advise("write " + usage)
             : Status();
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
  const std::optional<int64_t> number = whole_number(value);
  if (!number || *number < low || *number > high) {
    return Status(
        Code::kInvalidArgument,
        fmt::format("--{} {}: a whole number from {} to {} is needed", name, value, low, high));
  }
  return *number;
}

Result<CommandLine> parse_subcommand(const SubcommandTable& table,
                                     const std::vector<std::string>& words) {
  CommandLine line;
  line.command = words.empty() || words[0] == "--help" || words[0] == "-h" ? "help" : words[0];
  const SubcommandRow* row = find_command(table, line.command);
  if (row == nullptr) {
    return unknown_command(table, line.command);
  }
  for (size_t at = words.empty() || words[0] != line.command ? words.size() : 1;
       at < words.size();) {
    if ((words[at].starts_with('-') && words[at] != "-") || row->most_words == 0) {
      KTL_TRY(take_option(table, words, at, line));
    } else {
      line.words.push_back(words[at++]);
    }
  }
  if (line.has("help")) {
    line.command = "help";
    return line;
  }
  KTL_TRY(check_words(table, *row, line));
  return line;
}

std::string subcommand_help(const SubcommandTable& table) {
  std::string text = fmt::format("{} COMMAND [OPTION ...]: {}\n\n", table.program, table.summary);
  for (const SubcommandRow& row : table.commands) {
    const std::string name =
        row.words.empty() ? std::string(row.name) : fmt::format("{} {}", row.name, row.words);
    text += fmt::format("  {:<12}{}{}\n", name, name.size() < 12 ? "" : "  ", row.help);
  }
  text += "\n";
  for (const SubcommandOption& row : table.options) {
    if (!row.help.empty()) {
      std::string name = fmt::format("--{} {}", row.name, row.value);
      text += fmt::format("  {:<22}{}\n", name, row.help);
    }
  }
  return text;
}

}  // namespace ktl
