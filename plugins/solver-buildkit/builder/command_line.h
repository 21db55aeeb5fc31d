// The words after `ktl builder`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::builder {

// A command and its options by name, without dashes; a switch has the value "".
struct CommandLine {
  std::string command;
  std::map<std::string, std::vector<std::string>, std::less<>> options;

  [[nodiscard]] bool has(std::string_view name) const { return options.contains(name); }
  // The last value given, `fallback` when there is none.
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  // A whole number between `low` and `high`; kInvalidArgument names the option.
  [[nodiscard]] Result<int64_t> number(std::string_view name, int64_t fallback, int64_t low,
                                       int64_t high) const;
};

// Reads the words by the table of options: "--name value" or "--name=value". kInvalidArgument for
// unknown commands, options and words, with a suggestion; "--help" is the command "help".
Result<CommandLine> parse_command_line(const std::vector<std::string>& words);

// What `ktl builder --help` says.
std::string command_help();

}  // namespace ktl::builder
