#include "core/project/project.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/fd.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhole = R"(builder: unix:///run/b.sock
plugin-dirs: [plugins, /opt/p]
plugins:
  - id: a.b
    path: ../x/./a.so
    sha256: 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
    config:
      deep: {er: 1}
  - {id: c.d, enabled: false}
build:
  file: docker/Dockerfile
  platforms: [linux/amd64, linux/arm64]
  args: {VERSION: "1.10", EMPTY: ""}
  pull: true
)";

std::string refusal(std::string_view text, bool trusted = true) {
  auto project = parse_project(text, "/p/ktl.yaml", trusted);
  return project.ok() ? "accepted" : project.status().to_string();
}

const ProjectSetting* setting(const Project& project, std::string_view option) {
  auto found = std::ranges::find(project.settings, option, &ProjectSetting::option);
  return found == project.settings.end() ? nullptr : &*found;
}

TEST(Project, ReadsSettingsInTheWordsOfTheFlags) {
  auto project = parse_project(kWhole, "/p/ktl.yaml", true);
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(project->settings.size(), 5U);
  EXPECT_EQ(setting(*project, "builder")->words, std::vector<std::string>{"unix:///run/b.sock"});
  EXPECT_EQ(setting(*project, "file")->words, std::vector<std::string>{"/p/docker/Dockerfile"});
  EXPECT_EQ(setting(*project, "platform")->words,
            (std::vector<std::string>{"linux/amd64", "linux/arm64"}));
  EXPECT_EQ(setting(*project, "build-arg")->words,
            (std::vector<std::string>{"VERSION=1.10", "EMPTY="}));
  EXPECT_EQ(setting(*project, "build-arg")->origin, "/p/ktl.yaml:13:3");
  EXPECT_EQ(setting(*project, "pull")->words, std::vector<std::string>{"true"});
}

TEST(Project, ReadsPluginsAndWhereTheirConfigStands) {
  auto project = parse_project(kWhole, "/p/ktl.yaml", true);
  ASSERT_TRUE(project.ok());
  ASSERT_EQ(project->plugins.size(), 2U);
  const auto& wish = project->plugins[0];
  EXPECT_EQ(wish.id, "a.b");
  EXPECT_EQ(wish.path, "/x/a.so");
  EXPECT_EQ(wish.sha256, std::string(64, 'e'));
  EXPECT_EQ(wish.config, *parse_json(R"({"deep":{"er":1}})"));
  EXPECT_EQ(wish.origin, "/p/ktl.yaml:4:5");
  EXPECT_EQ(wish.locate("/deep/er"), "/p/ktl.yaml:8:14");
  EXPECT_EQ(wish.locate("/other"), "/p/ktl.yaml:7:5");
  EXPECT_TRUE(wish.enabled);
  EXPECT_FALSE(project->plugins[1].enabled);
  ASSERT_EQ(project->plugin_dirs.size(), 2U);
  EXPECT_EQ(project->plugin_dirs[0].path, "/p/plugins");
  EXPECT_EQ(project->plugin_dirs[1].path, "/opt/p");
  EXPECT_FALSE(project->plugin_dirs[0].enabled);
}

// The example in docs/documents.md is one that works.
TEST(Project, TheDocumentedExampleIsValid) {
  auto text = read_file(fs::path(KTL_SOURCE_DIR) / "docs/documents.md", 1U << 20U);
  ASSERT_TRUE(text.ok());
  const std::string fence = "```yaml\n";
  auto start = text->find(fence) + fence.size();
  std::string example = text->substr(start, text->find("```", start) - start);
  const std::string pin = "<64 hex digits>";
  example.replace(example.find(pin), pin.size(), std::string(64, 'e'));
  auto project = parse_project(example, "/p/ktl.yaml", true);
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(project->settings.size(), 10U);  // every key that stands for a flag
  EXPECT_EQ(project->plugins.size(), 2U);
}

TEST(Project, FaultsNameLineAndSuggestion) {
  EXPECT_EQ(refusal("build:\n  trget: x\n"),
            "/p/ktl.yaml:2:3: ktl.yaml/build/trget: unknown key \"trget\"\n"
            "  did you mean \"target\"?");
  EXPECT_EQ(refusal("build:\n  args:\n    V: 1.10\n"),
            "/p/ktl.yaml:3:5: ktl.yaml/build/args/V: must be text, not a number");
  EXPECT_EQ(refusal("plugins: [{path: x}]\n"),
            "/p/ktl.yaml:1:11: ktl.yaml/plugins/0: \"id\" is missing");
  EXPECT_EQ(refusal("[]"), "/p/ktl.yaml:1:1: ktl.yaml: must be a mapping, not a list");
  EXPECT_EQ(refusal(""), "accepted");
}

TEST(Project, AFileInsideTheContextMayOnlySetInputs) {
  EXPECT_EQ(refusal("build: {target: x}\n", false), "accepted");
  EXPECT_EQ(refusal("build:\n  target: x\nplugins: []\n", false),
            "/p/ktl.yaml:3:1: \"plugins\" is not believed in a file that lies inside the build "
            "context\n  name the file to trust it: --project /p/ktl.yaml");
  EXPECT_NE(refusal("plugin-dirs: []\n", false), "accepted");
  EXPECT_NE(refusal("builder: auto\n", false), "accepted");
  EXPECT_EQ(refusal("build: {file: sub/../Dockerfile}\n", false), "accepted");
  EXPECT_EQ(refusal("build:\n  file: ../../etc/shadow\n", false).substr(0, 59),
            "/p/ktl.yaml:2:3: \"file\" leads out of the project's folder\n ");
  EXPECT_EQ(refusal("build: {file: ../other/Dockerfile}\n", true), "accepted");
}

class LookupTest : public testing::Test {
 protected:
  LookupTest() {
    std::string name = (fs::temp_directory_path() / "ktl-project-XXXXXX").native();
    root_ = mkdtemp(name.data());
    fs::create_directories(root_ / "a/b/c");
  }
  ~LookupTest() override { fs::remove_all(root_); }
  void write(const std::string& name, std::string_view text) {
    std::ofstream(root_ / name) << text;
  }
  Result<std::optional<Project>> load(const std::string& directory, const std::string& context) {
    return load_project({std::nullopt, root_ / directory, root_ / context});
  }

  fs::path root_;
};

TEST_F(LookupTest, FindsTheNearestUpward) {
  write("ktl.yaml", "build: {target: root}\n");
  write("a/b/ktl.yaml", "build: {target: b}\n");
  auto nearest = load("a/b/c", "a/b/c");
  ASSERT_TRUE(nearest.ok() && *nearest) << nearest.status().to_string();
  EXPECT_EQ((*nearest)->file, root_ / "a/b/ktl.yaml");
  EXPECT_EQ((*load("a", "a"))->file, root_ / "ktl.yaml");
}

TEST_F(LookupTest, TrustDependsOnTheContext) {
  write("a/ktl.yaml", "builder: auto\n");
  EXPECT_TRUE(load("a", "a/b").ok());
  EXPECT_EQ(load("a", "a").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(load("a/b", "").status().code(), Code::kInvalidArgument);  // the context is the root
  fs::create_directory_symlink(root_ / "a", root_ / "link");
  EXPECT_FALSE(load("link", "a").ok());
  auto named = load_project({root_ / "a/ktl.yaml", root_, root_ / "a"});
  ASSERT_TRUE(named.ok()) << named.status().to_string();
  EXPECT_TRUE((*named)->trusted);
}

TEST_F(LookupTest, AFileOfStrangersMustBeNamed) {
  write("a/ktl.yaml", "build: {target: x}\n");
  chmod((root_ / "a/ktl.yaml").c_str(), 0666);
  EXPECT_EQ(load("a/b", "a/b").status().code(), Code::kPermissionDenied);
  EXPECT_TRUE(load_project({root_ / "a/ktl.yaml", root_, root_}).ok());
}

TEST_F(LookupTest, ANamedFileMustBeThere) {
  EXPECT_EQ(load_project({root_ / "no.yaml", root_, root_}).status().code(), Code::kNotFound);
  fs::create_directory(root_ / "ktl.yaml");
  EXPECT_EQ(load("a", "a").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace ktl
