#include "cli/request/layers.h"

#include "cli/options/value.h"
#include "cli/request/convert.h"
#include "cli/request/results.h"

namespace ktl::cli {
namespace {

// The option that a setting is about, if it may stand in a file.
Result<const Option*> option_of(const FlagSet& flags, const ProjectSetting& setting) {
  const Option* option = flags.find(setting.option);
  if (option == nullptr) {
    return flags.unknown("--" + setting.option).at(setting.origin);
  }
  if (!option->built) {
    return not_built(*option, "--" + option->name)
        .at(setting.origin)
        .advise("this version of ktl cannot do that; take it out");
  }
  if (option->group == "project") {
    return Status(Code::kInvalidArgument, "--" + option->name + " cannot be set by a file")
        .at(setting.origin)
        .advise("give it on the command line, or as " + variable_of(*option));
  }
  if (setting.words.size() > 1 && !repeatable(*option)) {
    return Status(Code::kInvalidArgument, "--" + option->name + " takes one value, not a list")
        .at(setting.origin);
  }
  return option;
}

class Layerer {
 public:
  Layerer(const FlagSet& flags, const LayerQuery& query) : flags_(flags), query_(query) {}

  Result<Layers> layers() {
    KTL_TRY(add_defaults(query_.user));
    KTL_TRY(add_defaults(query_.project));
    if (query_.project) {
      KTL_TRY(add(query_.project->build, layers_.below));
    }
    if (query_.target != nullptr) {
      KTL_TRY(add_target(*query_.target));
    }
    KTL_TRY(add_profile());
    layers_.for_one_result = query_.named;
    return std::move(layers_);
  }

 private:
  Status add(const ProjectSettings& settings, Settings& into) const {
    for (const ProjectSetting& setting : settings) {
      KTL_ASSIGN(const Option* option, option_of(flags_, setting));
      Setting value{setting.words, setting.origin};
      for (std::string& word : value.words) {
        word = option->shape == Shape::kPath     ? absolute(setting.folder, word)
               : option->shape == Shape::kPlaces ? absolute_place(setting.folder, word)
                                                 : std::move(word);
      }
      overlay(*option, std::move(value), into);
    }
    return {};
  }

  // What stands for every build is not meant for the results of targets that are only needed.
  [[nodiscard]] ProjectSettings for_everybody(ProjectSettings settings) const {
    if (!query_.named) {
      std::erase_if(settings, [](const auto& each) { return is_of_one_result(each.option); });
    }
    return settings;
  }

  Status add_defaults(const std::optional<Project>& file) {
    return file ? add(for_everybody(file->defaults), layers_.below) : Status();
  }

  Status add_target(const Target& target) {
    ProjectSettings own;
    ProjectSettings overrides;
    for (const ProjectSetting& setting : target.settings) {
      (setting.overridden ? overrides : own).push_back(setting);
    }
    KTL_TRY(add(own, layers_.below));
    return add(overrides, layers_.above);
  }

  Status add_profile() {
    if (query_.profile.empty()) {
      return {};
    }
    std::vector<const std::vector<Profile>*> files;
    for (const auto* file : {&query_.user, &query_.project}) {
      if (*file) {
        files.push_back(&(*file)->profiles);
      }
    }
    KTL_ASSIGN(ProjectSettings settings,
               profile_settings(query_.profile, query_.profile_origin, files));
    return add(for_everybody(std::move(settings)), layers_.below);
  }

  const FlagSet& flags_;
  const LayerQuery& query_;
  Layers layers_;
};

}  // namespace

Result<Layers> layers_of(const FlagSet& flags, const LayerQuery& query) {
  return Layerer(flags, query).layers();
}

}  // namespace ktl::cli
