#include "core/project/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/project/project.h"

namespace ktl {
namespace {

using testing::ElementsAre;

std::vector<Profile> profiles(std::string_view text) {
  auto project = parse_project(text, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = {}});
  EXPECT_TRUE(project.ok()) << project.status().to_string();
  return project->profiles;
}

// "option=word" in the order of strength.
std::vector<std::string> set_by(const std::string& name, std::string_view project,
                                std::string_view user = "") {
  std::vector<Profile> weak = profiles(user);
  std::vector<Profile> strong = profiles(project);
  auto settings = profile_settings(name, "flag", {&weak, &strong});
  std::vector<std::string> all;
  if (!settings.ok()) {
    return {settings.status().to_string()};
  }
  for (const ProjectSetting& setting : *settings) {
    all.push_back(setting.option + "=" + setting.words.at(0));
  }
  return all;
}

TEST(Profiles, SomeAreBuiltIn) {
  EXPECT_THAT(built_in_profiles(), ElementsAre("dev", "ci", "secure", "remote"));
  EXPECT_THAT(set_by("dev", ""), ElementsAre());
  EXPECT_THAT(set_by("ci", ""), ElementsAre("progress=plain", "no-color=true", "pull=true"));
  EXPECT_THAT(set_by("secure", ""), ElementsAre("secure=true"));
  EXPECT_THAT(set_by("remote", ""), ElementsAre("builder=remote"));
}

TEST(Profiles, ExtendOthersAndAddToTheirName) {
  EXPECT_THAT(set_by("night", "profiles: {night: {extends: ci, flags: {pull: false}}}"),
              ElementsAre("progress=plain", "no-color=true", "pull=true", "pull=false"));
  EXPECT_THAT(
      set_by("ci", "profiles: {ci: {flags: {target: p}}}", "profiles: {ci: {flags: {target: u}}}"),
      ElementsAre("progress=plain", "no-color=true", "pull=true", "target=u", "target=p"));
}

TEST(Profiles, UnknownOnesAndCirclesAreRefused) {
  EXPECT_THAT(set_by("secrue", ""),
              ElementsAre("flag: there is no profile secrue\n  did you mean \"secure\"?"));
  EXPECT_THAT(set_by("a", "profiles:\n  a: {extends: nobody}\n").at(0),
              testing::StartsWith("/p/ktl.yaml:2:3: there is no profile nobody"));
  EXPECT_THAT(set_by("a", "profiles:\n  a: {extends: b}\n  b: {extends: a}\n").at(0),
              testing::StartsWith("/p/ktl.yaml:3:3: profiles extend each other in a circle"));
}

}  // namespace
}  // namespace ktl
