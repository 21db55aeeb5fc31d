// The words after a command that has commands of its own: `ktl builder prune --all`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl {

struct SubcommandRow {
  std::string_view name;
  std::string_view help;
  std::string_view words = {};  // what stands for them in the help: "IMAGE [FILE]"
  size_t least_words = 0;
  size_t most_words = 0;
};

struct SubcommandOption {
  std::string_view name;
  std::string_view value;     // what stands for the value in the help; empty for a switch
  std::string_view commands;  // who takes it, separated by spaces
  std::string_view help;      // empty: for ktl itself
};

struct SubcommandTable {
  std::string_view program;  // "ktl builder"
  std::string_view summary;
  std::span<const SubcommandRow> commands;  // one of them "help"
  std::span<const SubcommandOption> options;
};

// A command, its words, and its options by name, without dashes; a switch has the value "".
struct CommandLine {
  std::string command;
  std::vector<std::string> words;
  std::map<std::string, std::vector<std::string>, std::less<>> options;

  [[nodiscard]] bool has(std::string_view name) const { return options.contains(name); }
  // The last value given, `fallback` when there is none.
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  // A whole number between `low` and `high`; kInvalidArgument names the option.
  [[nodiscard]] Result<int64_t> number(std::string_view name, int64_t fallback, int64_t low,
                                       int64_t high) const;
};

// Reads the words by the table: "--name value" or "--name=value". kInvalidArgument for unknown
// commands, options and too many or too few words, with a suggestion; "--help" is the command
// "help".
Result<CommandLine> parse_subcommand(const SubcommandTable& table,
                                     const std::vector<std::string>& words);

// What `ktl builder --help` says.
std::string subcommand_help(const SubcommandTable& table);

}  // namespace ktl
