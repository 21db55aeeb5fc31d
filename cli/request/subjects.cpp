#include "cli/request/subjects.h"

#include <algorithm>

#include "base/suggest.h"
#include "cli/request/convert_inputs.h"

namespace ktl::cli {
namespace {

std::string context_of(const std::string& word, const Surroundings& surroundings) {
  return word == "-" || is_remote_context(word) ? word : absolute(surroundings.directory, word);
}

std::vector<Subject> subjects_for(const std::vector<std::string>& names, const Project& project) {
  std::vector<Subject> subjects;
  for (const Target* target : build_order(project.targets, names)) {
    bool named = std::ranges::find(names, target->name) != names.end();
    subjects.push_back({target->context, target, named});
  }
  return subjects;
}

// The first word that is no target; null when all are.
const std::string* stranger_in(const std::vector<std::string>& words,
                               const std::vector<Target>& targets) {
  auto stranger = std::ranges::find_if(
      words, [&](const std::string& word) { return find_target(targets, word) == nullptr; });
  return stranger == words.end() ? nullptr : &*stranger;
}

Status not_several(const std::vector<std::string>& words, const std::string& stranger,
                   const std::vector<Target>& targets) {
  if (targets.empty()) {
    return Status(Code::kInvalidArgument,
                  "ktl build takes one context, not \"" + words[0] + "\" and \"" + words[1] + "\"")
        .advise("flags with an optional value take it with \"=\": --oci=DIR");
  }
  std::vector<std::string> known;
  for (const Target& target : targets) {
    known.push_back(target.name);
  }
  std::string near = did_you_mean(stranger, known);
  return Status(Code::kInvalidArgument, "there is no target " + stranger + " in ktl.yaml")
      .advise(near.empty() ? "several words are targets; a folder is built by itself" : near);
}

// A folder that is not there, called nearly like a target, was meant to be one.
Status check_typing(const std::string& word, const std::string& context,
                    const std::vector<Target>& targets) {
  std::error_code ignored;
  std::vector<std::string> known;
  for (const Target& target : targets) {
    known.push_back(target.name);
  }
  std::string near = did_you_mean(word, known);
  if (near.empty() || context == word || std::filesystem::exists(context, ignored)) {
    return {};
  }
  return Status(Code::kInvalidArgument, word + " is neither a target of ktl.yaml nor a folder")
      .advise(near);
}

}  // namespace

Result<std::vector<Subject>> subjects_of(const std::vector<std::string>& words,
                                         const std::optional<Project>& project,
                                         const Surroundings& surroundings) {
  static const std::vector<Target> kNone;
  const std::vector<Target>& targets = project ? project->targets : kNone;
  if (words.empty() && project && !project->default_targets.empty()) {
    return subjects_for(project->default_targets, *project);
  }
  if (words.empty() || words[0].empty()) {
    return Status(Code::kInvalidArgument, "ktl build needs the folder to build from")
        .advise("for the current one: ktl build .");
  }
  const std::string* stranger = stranger_in(words, targets);
  if (stranger == nullptr) {
    return subjects_for(words, *project);
  }
  if (words.size() > 1) {
    return not_several(words, *stranger, targets);
  }
  std::string context = context_of(words[0], surroundings);
  KTL_TRY(check_typing(words[0], context, targets));
  return std::vector<Subject>{{std::move(context)}};
}

}  // namespace ktl::cli
