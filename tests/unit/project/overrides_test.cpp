#include "core/project/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/project/project.h"

namespace ktl {
namespace {

using testing::ElementsAre;

constexpr const char* kText = "targets:\n  api: {tags: [a], args: {A: '1'}}\n  web: {}\n";

Result<Project> with(const std::vector<std::string>& words, std::string_view text = kText) {
  std::vector<Override> overrides;
  for (const std::string& word : words) {
    overrides.push_back({word, "/cwd"});
  }
  return parse_project(text, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = overrides});
}
std::string fault(const std::vector<std::string>& words, std::string_view text = kText) {
  return with(words, text).status().to_string();
}

// Words of `option` in target api, --set's after the file's.
std::vector<std::string> words(const Result<Project>& project, std::string_view option) {
  std::vector<std::string> all;
  for (const ProjectSetting& setting : project->targets.at(0).settings) {
    if (setting.option == option) {
      all.insert(all.end(), setting.words.begin(), setting.words.end());
    }
  }
  return all;
}

TEST(Overrides, AreTypedByTheSchema) {
  auto project =
      with({"api.pull=true", "api.platforms=linux/amd64,linux/arm64", "api.tags=x", "api.tags=y",
            "api.args.B=2=3", "api.target=010", "api.secrets=id=t,src=f", "*.no-cache=true"});
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_THAT(words(project, "pull"), ElementsAre("true"));
  EXPECT_THAT(words(project, "platform"), ElementsAre("linux/amd64", "linux/arm64"));
  EXPECT_THAT(words(project, "tag"), ElementsAre("x", "y"));
  EXPECT_THAT(words(project, "build-arg"), ElementsAre("A=1", "B=2=3"));
  EXPECT_THAT(words(project, "target"), ElementsAre("010"));
  EXPECT_THAT(words(project, "secret"), ElementsAre("id=t,src=/cwd/f"));
  EXPECT_EQ(project->targets.at(1).settings.at(0).option, "no-cache");
  EXPECT_EQ(project->targets.at(1).settings.at(0).origin, "flag --set *.no-cache");
  EXPECT_TRUE(project->targets.at(1).settings.at(0).overridden);
}

TEST(Overrides, PathsStartFromTheWorkingDirectory) {
  auto project = with({"api.context=src", "api.file=D"});
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(project->targets.at(0).context, "/cwd/src");
  EXPECT_THAT(words(project, "file"), ElementsAre("/cwd/D"));
  EXPECT_EQ(with({"api.context=https://x/y"})->targets.at(0).context, "https://x/y");
}

TEST(Overrides, FaultsNameTheFlag) {
  EXPECT_EQ(fault({"api.pull=perhaps"}),
            "flag --set api.pull: ktl.yaml/targets/api/pull: must be true or false, not text");
  EXPECT_EQ(fault({"api.platfroms=x"}),
            "flag --set api.platfroms: a target has no \"platfroms\"\n"
            "  did you mean \"platforms\"?");
  EXPECT_EQ(fault({"apy.pull=true"}),
            "flag --set apy.pull: there is no target apy\n  did you mean \"api\"?");
  EXPECT_EQ(fault({"api.args=x"}),
            "flag --set api.args: \"args\" holds several values\n"
            "  name one of them: --set api.args.NAME=VALUE");
  EXPECT_EQ(fault({"api.pull.x=true"}), "flag --set api.pull.x: \"pull\" is one value");
  EXPECT_NE(fault({"api.needs=web,nobody"}).find("flag --set api.needs: there is no target nobody"),
            std::string::npos);
  EXPECT_FALSE(with({"api"}).ok());
  EXPECT_FALSE(with({"=x"}).ok());
  EXPECT_FALSE(with({"api.=x"}).ok());
  EXPECT_FALSE(with({"api.pull=true"}, "build: {}\n").ok());
  EXPECT_FALSE(with({"api.pull=true"}, "[]").ok());
  EXPECT_FALSE(with({"api.pull=true"}, "targets: {api: 3}").ok());
}

}  // namespace
}  // namespace ktl
