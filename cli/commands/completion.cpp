// `ktl completion SHELL`, and `ktl __complete WORD ...`, which its scripts call.
#include <algorithm>
#include <iterator>

#include "cli/commands/candidates.h"
#include "cli/commands/completion_scripts.h"
#include "cli/ground.h"
#include "cli/options/build_options.h"
#include "cli/render/sanitize.h"

namespace ktl::cli {
namespace {

void add_names(const std::optional<Project>& file, Offer& offer) {
  if (file) {
    std::ranges::transform(file->targets, std::back_inserter(offer.targets), &Target::name);
    std::ranges::transform(file->profiles, std::back_inserter(offer.profiles), &Profile::name);
  }
}

// What plugins and project offer; nothing of theirs when they cannot be read: a shell is no place
// for errors. Manifests are read, nothing is loaded.
Offer offer_of(const Invocation& invocation) {
  Offer offer{.build_flags = build_options(), .profiles = built_in_profiles()};
  Result<Ground> ground = needs_plugins(invocation.args) ? find_ground(invocation, {})
                                                         : Status(Code::kNotFound, "not needed");
  if (!ground.ok()) {
    return offer;
  }
  add_names(ground->user, offer);
  add_names(ground->project, offer);
  FlagSet flags(build_options());
  bool all = true;
  for (const Manifest* manifest : ground->registry.used()) {
    all = all && flags.contribute(*manifest).ok();
    offer.plugins.push_back(manifest->id);
  }
  offer.build_flags = all ? flags.options() : offer.build_flags;
  for (const PluginCommand& command : contributed_commands(ground->registry)) {
    offer.commands.push_back({command.name, command.summary});
  }
  return offer;
}

std::string_view name_of(Candidates::Paths paths) {
  switch (paths) {
    case Candidates::Paths::kFiles:
      return "files";
    case Candidates::Paths::kFolders:
      return "folders";
    default:
      return "none";
  }
}

}  // namespace

// One candidate a line, "WORD<tab>ABOUT"; the last line is ":files", ":folders" or ":none".
int run_complete(const Invocation& invocation) {
  Candidates found = candidates(invocation.args, offer_of(invocation));
  std::string out;
  for (const Candidate& each : found.words) {
    out += each.word + "\t" + one_line(each.about) + "\n";
  }
  invocation.console.out(out + ":" + std::string(name_of(found.paths)) + "\n");
  return 0;
}

int run_completion(const Invocation& invocation) {
  std::string_view script =
      invocation.args.size() == 1 ? completion_script(invocation.args[0]) : std::string_view();
  if (script.empty()) {
    return fail(invocation.console,
                Status(Code::kInvalidArgument, "ktl completion needs the name of one shell")
                    .advise("ktl completion bash, zsh or fish; for this bash: source <(ktl "
                            "completion bash)"));
  }
  invocation.console.out(script);
  return 0;
}

}  // namespace ktl::cli
