#include "core/project/profiles.h"

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "core/document/schema_rules.h"

namespace ktl {
namespace {

// One flag of a built-in profile; a profile without flags has an empty one.
struct BuiltIn {
  std::string_view profile;
  std::string_view option;
  std::string_view word;
};
constexpr std::array<BuiltIn, 6> kBuiltIn = {{
    {"dev", "", ""},                  // what ktl does anyway
    {"ci", "progress", "plain"},      // logs that are read later, in a browser
    {"ci", "no-color", "true"},       //
    {"ci", "pull", "true"},           // a runner's base images are as old as its disk
    {"secure", "secure", "true"},     // everything that --secure means
    {"remote", "builder", "remote"},  // the builder called "remote", never a private one
}};

class Resolver {
 public:
  explicit Resolver(const std::vector<const std::vector<Profile>*>& files) : files_(files) {}

  Status add(const std::string& name, const std::string& origin) {
    if (std::ranges::find(open_, name) != open_.end()) {
      return Status(Code::kInvalidArgument,
                    "profiles extend each other in a circle: " + open_.front() + " -> " + name)
          .at(origin);
    }
    open_.push_back(name);
    bool known = std::ranges::find(kBuiltIn, name, &BuiltIn::profile) != kBuiltIn.end();
    for (const Profile* profile : entries(name)) {
      known = true;
      if (!profile->extends.empty() && profile->extends != name) {
        KTL_TRY(add(profile->extends, profile->origin));
      }
    }
    if (!known) {
      return unknown(name, origin);
    }
    for (const BuiltIn& flag : kBuiltIn) {
      if (flag.profile == name && !flag.option.empty()) {
        settings_.push_back(
            {std::string(flag.option), {std::string(flag.word)}, "profile " + name, "/", false});
      }
    }
    for (const Profile* profile : entries(name)) {
      settings_.insert(settings_.end(), profile->settings.begin(), profile->settings.end());
    }
    open_.pop_back();
    return {};
  }

  ProjectSettings take() { return std::move(settings_); }

 private:
  [[nodiscard]] std::vector<const Profile*> entries(const std::string& name) const {
    std::vector<const Profile*> found;
    for (const auto* file : files_) {
      for (const Profile& profile : *file) {
        if (profile.name == name) {
          found.push_back(&profile);
        }
      }
    }
    return found;
  }

  [[nodiscard]] Status unknown(const std::string& name, const std::string& origin) const {
    std::vector<std::string> known = built_in_profiles();
    for (const auto* file : files_) {
      for (const Profile& profile : *file) {
        known.push_back(profile.name);
      }
    }
    std::string near = did_you_mean(name, known);
    return Status(Code::kInvalidArgument, "there is no profile " + name)
        .at(origin)
        .advise(near.empty() ? "dev, ci, secure and remote are built in; others stand in ktl.yaml "
                               "under profiles:"
                             : near);
  }

  const std::vector<const std::vector<Profile>*>& files_;
  std::vector<std::string> open_;  // being resolved, outermost first
  ProjectSettings settings_;
};

}  // namespace

std::vector<Profile> read_profiles(const ProjectSource& source, const json::value& document) {
  std::vector<Profile> profiles;
  const json::value* all = field_of(document, "profiles");
  if (all == nullptr) {
    return profiles;
  }
  for (const auto& member : all->get_object()) {
    const std::string pointer = "/profiles" + pointer_step(member.key());
    Profile profile{.name = member.key(),
                    .extends = std::string(text_of(member.value(), "extends")),
                    .settings = {},
                    .origin = source.place(pointer)};
    if (const json::value* flags = field_of(member.value(), "flags")) {
      add_flag_settings(source, pointer + "/flags", *flags, profile.settings);
    }
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

std::vector<std::string> built_in_profiles() {
  std::vector<std::string> names;
  for (const BuiltIn& flag : kBuiltIn) {
    if (std::ranges::find(names, flag.profile) == names.end()) {
      names.emplace_back(flag.profile);
    }
  }
  return names;
}

Result<ProjectSettings> profile_settings(const std::string& name, const std::string& origin,
                                         const std::vector<const std::vector<Profile>*>& files) {
  Resolver resolver(files);
  KTL_TRY(resolver.add(name, origin));
  return resolver.take();
}

}  // namespace ktl
