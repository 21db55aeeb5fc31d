#include "core/project/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/project/project.h"

namespace ktl {
namespace {

using testing::ElementsAre;

Result<Project> parsed(std::string_view text) {
  return parse_project(text, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = {}});
}
std::string fault(std::string_view text) { return parsed(text).status().to_string(); }

std::vector<std::string> order(std::string_view text, const std::vector<std::string>& names) {
  auto project = parsed(text);
  EXPECT_TRUE(project.ok()) << project.status().to_string();
  std::vector<std::string> found;
  for (const Target* target : build_order(project->targets, names)) {
    found.push_back(target->name);
  }
  return found;
}

TEST(Targets, HaveAContextAndSettings) {
  auto project = parsed(
      "targets:\n  api: {context: services/api/, tags: [api]}\n"
      "  web: {context: 'https://x/y.git#main'}\n  top: {}\n");
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  const Target* api = find_target(project->targets, "api");
  EXPECT_EQ(api->context, "/p/services/api");
  EXPECT_EQ(api->context_origin, "/p/ktl.yaml:2:9");
  EXPECT_EQ(api->settings.at(0).option, "tag");
  EXPECT_EQ(find_target(project->targets, "web")->context, "https://x/y.git#main");
  EXPECT_EQ(find_target(project->targets, "top")->context, "/p");
  EXPECT_EQ(find_target(project->targets, "no"), nullptr);
  EXPECT_THAT(project->default_targets, ElementsAre("api", "web", "top"));
}

TEST(Targets, AreBuiltAfterWhatTheyNeed) {
  const char* diamond =
      "targets: {top: {needs: [l, r]}, l: {needs: [base]}, r: {needs: [base]}, base: {}, x: {}}";
  EXPECT_THAT(order(diamond, {"top"}), ElementsAre("base", "l", "r", "top"));
  EXPECT_THAT(order(diamond, {"r", "x", "base"}), ElementsAre("base", "r", "x"));
}

TEST(Targets, CirclesAndUnknownNamesAreRefused) {
  EXPECT_EQ(fault("targets:\n  a: {needs: [b]}\n  b: {needs: [c]}\n  c: {needs: [b]}\n"),
            "/p/ktl.yaml:3:7: targets need each other in a circle: b -> c -> b\n"
            "  take one of these needs away");
  EXPECT_EQ(fault("targets:\n  a: {needs: [a]}\n").substr(0, 15), "/p/ktl.yaml:2:7");
  EXPECT_EQ(fault("targets:\n  base: {}\n  a: {needs: [bsae]}\n"),
            "/p/ktl.yaml:3:15: there is no target bsae\n  did you mean \"base\"?");
  EXPECT_EQ(fault("default-targets: [x]\n").substr(0, 44),
            "/p/ktl.yaml:1:19: there is no target x");
}

TEST(Targets, NamesFitWhereTheyAreUsed) {
  EXPECT_EQ(fault("targets:\n  Api: {}\n"),
            "/p/ktl.yaml:2:3: \"Api\" is no name for a target\n"
            "  use lower case letters, digits, \"-\" and \"_\"");
  EXPECT_EQ(fault("targets:\n  sandbox: {}\n").substr(0, 50),
            "/p/ktl.yaml:2:3: a target cannot be called sandbox");
  EXPECT_FALSE(parsed("targets: {a.b: {}}").ok());
  EXPECT_FALSE(parsed("targets: {'': {}}").ok());
  EXPECT_TRUE(parsed("targets: {a-b_2: {}}").ok());
}

}  // namespace
}  // namespace ktl
