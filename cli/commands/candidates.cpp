#include "cli/commands/candidates.h"

#include <algorithm>

#include "cli/commands/command.h"
#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

using Words = std::vector<std::string>;
using Paths = Candidates::Paths;

constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};

bool harmless(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=+@,").find(c) != std::string_view::npos;
  });
}

// The words that are left when what was typed has to be their beginning.
Candidates begun_with(const std::string& typed, Candidates from) {
  std::erase_if(from.words, [&](const Candidate& each) {
    return !each.word.starts_with(typed) || !harmless(each.word);
  });
  auto before = [](const Candidate& a, const Candidate& b) { return a.word < b.word; };
  auto same = [](const Candidate& a, const Candidate& b) { return a.word == b.word; };
  std::stable_sort(from.words.begin(), from.words.end(), before);
  from.words.erase(std::unique(from.words.begin(), from.words.end(), same), from.words.end());
  return from;
}

const Option* find_flag(const std::vector<Option>& options, const std::string& word) {
  for (const Option& option : options) {
    bool letter = word.size() == 2 && word[0] == '-' && word[1] == option.letter;
    bool alias = std::any_of(option.aliases.begin(), option.aliases.end(),
                             [&](const std::string& name) { return word == "--" + name; });
    if (option.built && (letter || alias || word == "--" + option.name)) {
      return &option;
    }
  }
  return nullptr;
}

Candidates values_of(const Option& option, const std::string& prefix, const Offer& offer) {
  Candidates found;
  if (option.name == "profile") {
    for (const std::string& profile : offer.profiles) {
      found.words.push_back({prefix + profile, ""});
    }
  }
  for (const std::string& choice : option.choices) {
    found.words.push_back({prefix + choice, ""});
  }
  if (option.shape == Shape::kBool) {
    found.words = {{prefix + "true", ""}, {prefix + "false", ""}};
  } else if (option.name == "plugin-dir") {
    found.paths = Paths::kFolders;
  } else if (option.shape == Shape::kPath) {
    found.paths = Paths::kFiles;
  }
  return found;
}

Candidates flags_of(const std::vector<Option>& options, const Words& words) {
  Candidates found;
  found.words.push_back({"--help", "how to use this command"});
  for (const Option& option : options) {
    std::string flag = "--" + option.name;
    bool given = std::find(words.begin(), words.end() - 1, flag) != words.end() - 1;
    if (option.built && (!given || repeatable(option))) {
      found.words.push_back({flag, option.help});
    }
  }
  return found;
}

// Commands at the word `place`, 0 or 1: those whose names begin with the words before it.
Candidates commands_at(size_t place, const Words& words, const Offer& offer) {
  Candidates found;
  for (const Command& command : commands()) {
    size_t space = command.name.find(' ');
    bool two = space != std::string::npos;
    if (command.run == nullptr || command.hidden) {
      continue;
    }
    if (place == 0) {
      found.words.push_back({command.name.substr(0, space), two ? "" : command.summary});
    } else if (two && command.name.substr(0, space) == words[0]) {
      found.words.push_back({command.name.substr(space + 1), command.summary});
    }
  }
  if (place == 0) {
    found.words.insert(found.words.end(), offer.commands.begin(), offer.commands.end());
  }
  return found;
}

Candidates operands_of(const Command& command, const Words& words, const Offer& offer) {
  Candidates found;
  auto add = [&](const auto& names) {
    for (const auto& name : names) {
      found.words.push_back({std::string(name), ""});
    }
  };
  if (command.name == "build") {
    found = words.size() == 2 ? commands_at(1, words, offer) : Candidates();
    add(offer.targets);
    found.paths = Paths::kFolders;
  } else if (command.name == "completion") {
    add(kShells);
  } else if (command.name == "help") {
    found = commands_at(0, words, offer);
  } else if (command.name == "plugin show") {
    add(offer.plugins);
  }
  return found;
}

Candidates inside(const Command& command, const Words& words, const Offer& offer) {
  bool build = command.options == build_options;
  const std::vector<Option> options = build                        ? offer.build_flags
                                      : command.options == nullptr ? std::vector<Option>()
                                                                   : command.options();
  const std::string& typed = words.back();
  size_t equals = typed.find('=');
  if (typed.starts_with("--") && equals != std::string::npos) {
    const Option* option = find_flag(options, typed.substr(0, equals));
    return option == nullptr ? Candidates()
                             : values_of(*option, typed.substr(0, equals + 1), offer);
  }
  const Option* before = find_flag(options, words[words.size() - 2]);
  if (before != nullptr && before->value == Value::kRequired) {
    return values_of(*before, "", offer);
  }
  return typed.starts_with('-') ? flags_of(options, words) : operands_of(command, words, offer);
}

}  // namespace

Candidates candidates(const Words& words, const Offer& offer) {
  if (words.empty()) {
    return {};
  }
  if (words.size() == 1) {
    return begun_with(words[0], commands_at(0, words, offer));
  }
  const Command* command = find_command({words.begin(), words.end() - 1});
  if (command != nullptr && command->run != nullptr) {
    return begun_with(words.back(), inside(*command, words, offer));
  }
  Candidates second = words.size() == 2 ? commands_at(1, words, offer) : Candidates();
  if (second.words.empty()) {
    second.paths = Paths::kFiles;  // a plugin's command: only the plugin knows
  }
  return begun_with(words.back(), second);
}

bool needs_plugins(const Words& words) {
  if (words.size() <= 1 || words[0] == "help") {
    return true;
  }
  return words[0] == "build" || words[0] == "plugin";
}

}  // namespace ktl::cli
