#include "cli/commands/help_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace ktl::cli {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kIndent = 34;

// `text` in lines that fit beside a column of names.
std::string wrapped(const std::string& text) {
  std::string out;
  size_t used = kIndent;
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find(' ', start), text.size());
    if (used > kIndent && used + 1 + (end - start) > kColumns) {
      out += "\n" + std::string(kIndent, ' ');
      used = kIndent;
    } else if (used > kIndent) {
      out += " ";
      used += 1;
    }
    out += text.substr(start, end - start);
    used += end - start;
    start = end + 1;
  }
  return out;
}

std::string row(const std::string& left, const std::string& right) {
  std::string gap = left.size() + 4 > kIndent ? "\n" + std::string(kIndent, ' ')
                                              : std::string(kIndent - left.size() - 2, ' ');
  return "  " + left + gap + wrapped(right) + "\n";
}

}  // namespace

std::string usage_of(const Option& option) {
  std::string text = option.letter == 0 ? "    " : fmt::format("-{}, ", option.letter);
  text += "--" + option.name;
  if (option.value == Value::kRequired) {
    text += " " + option.operand;
  } else if (option.value == Value::kOptional) {
    text += "[=" + option.operand + "]";
  }
  return text;
}

std::string about(const Option& option) {
  std::string text = option.help;
  std::string words;
  for (const std::string& choice : option.choices) {
    words += (words.empty() ? "" : ", ") + choice;
  }
  text += words.empty() ? "" : ": " + words;
  for (const std::string& alias : option.aliases) {
    text += " (also --" + alias + ")";
  }
  return text + (option.plugin.empty() ? "" : " [" + option.plugin + "]");
}

std::vector<std::string> groups_of(const FlagSet& flags) {
  std::vector<std::string> groups;
  for (const Option& option : flags.options()) {
    if (option.built && std::find(groups.begin(), groups.end(), option.group) == groups.end()) {
      groups.push_back(option.group);
    }
  }
  return groups;
}

std::string command_help(const Command& command, const FlagSet& flags) {
  std::string text =
      fmt::format("ktl {}{}{}: {}\n", command.name, command.operands.empty() ? "" : " ",
                  command.operands, command.summary);
  for (const std::string& group : groups_of(flags)) {
    text += "\n" + group + ":\n";
    for (const Option& option : flags.options()) {
      if (option.built && option.group == group) {
        text += row(usage_of(option), about(option));
      }
    }
  }
  if (command.name == "build") {
    text += "\nA flag --some-flag is also read from KTL_SOME_FLAG; the flag wins.\n";
  }
  return text;
}

std::string program_help(const std::vector<PluginCommand>& contributed) {
  std::string text = "ktl builds images with BuildKit and proves what happened.\n\ncommands:\n";
  for (const Command& command : commands()) {
    if (command.run != nullptr && !command.hidden) {
      text += row(command.name, command.summary);
    }
  }
  for (const PluginCommand& command : contributed) {
    text += row(command.name, command.summary);
  }
  return text + "\n`ktl help COMMAND` shows a command's flags.\n";
}

}  // namespace ktl::cli
