// What may follow the words of an unfinished command line.
#pragma once

#include <string>
#include <vector>

#include "cli/options/option.h"

namespace ktl::cli {

struct Candidate {
  std::string word;   // the whole word, as it would stand on the command line
  std::string about;  // one line for people; may be empty
};

struct Candidates {
  std::vector<Candidate> words;
  enum class Paths { kNone, kFiles, kFolders } paths = Paths::kNone;  // also these, by the shell
};

// What the tables do not know by themselves.
struct Offer {
  std::vector<Candidate> commands;   // of plugins
  std::vector<Option> build_flags;   // ktl's own and those of plugins
  std::vector<std::string> plugins;  // ids
  std::vector<std::string> targets;  // of ktl.yaml
  std::vector<std::string> profiles;
};

// `words`: all after the program's name; the last is the one being typed, empty when it has not
// been begun. Only words of harmless characters come out, those that begin with what was typed:
// shells would run others, and names come from files of strangers.
Candidates candidates(const std::vector<std::string>& words, const Offer& offer);

// True when candidates() will look at flags or names that only plugins' manifests know.
bool needs_plugins(const std::vector<std::string>& words);

}  // namespace ktl::cli
