#include "core/project/project.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/fd.h"
#include "base/sha256.h"
#include "core/project/trust.h"

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

Result<Project> parsed(std::string_view text, bool trusted = true) {
  Status untrusted =
      trusted ? Status()
              : Status(Code::kPermissionDenied, "nobody has trusted this file").advise("trust it");
  return parse_project(text, {.file = "/p/ktl.yaml", .untrusted = untrusted, .overrides = {}});
}

std::string refusal(std::string_view text, bool trusted = true) {
  auto project = parsed(text, trusted);
  return project.ok() ? "accepted" : project.status().to_string();
}

const ProjectSetting* find(const ProjectSettings& settings, std::string_view option) {
  auto found = std::ranges::find(settings, option, &ProjectSetting::option);
  return found == settings.end() ? nullptr : &*found;
}
const ProjectSetting* setting(const Project& project, std::string_view option) {
  return find(project.build, option);
}

TEST(Project, ReadsSettingsInTheWordsOfTheFlags) {
  auto project = parsed(kWhole);
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(project->build.size(), 5U);
  EXPECT_EQ(find(project->defaults, "builder")->words,
            std::vector<std::string>{"unix:///run/b.sock"});
  EXPECT_EQ(setting(*project, "file")->words, std::vector<std::string>{"/p/docker/Dockerfile"});
  EXPECT_EQ(setting(*project, "platform")->words,
            (std::vector<std::string>{"linux/amd64", "linux/arm64"}));
  EXPECT_EQ(setting(*project, "build-arg")->words, std::vector<std::string>{"VERSION=1.10"});
  EXPECT_EQ(setting(*project, "build-arg")->origin, "/p/ktl.yaml:13:10");
  EXPECT_EQ(setting(*project, "pull")->words, std::vector<std::string>{"true"});
}

TEST(Project, ReadsPluginsAndWhereTheirConfigStands) {
  auto project = parsed(kWhole);
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

// The example in docs/project.md is one that works.
TEST(Project, TheDocumentedExampleIsValid) {
  auto text = read_file(fs::path(KTL_SOURCE_DIR) / "docs/project.md", 1U << 20U);
  ASSERT_TRUE(text.ok());
  const std::string fence = "```yaml\n";
  auto start = text->find(fence) + fence.size();
  auto project = parsed(text->substr(start, text->find("```", start) - start));
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(project->targets.size(), 2U);
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

TEST(Project, DefaultsAreFlagsByName) {
  auto project = parsed(
      "defaults:\n  progress: plain\n  pull: true\n  tag: [a, b]\n  top: 3\n"
      "  build-arg: {K: V, L: W}\n");
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  const ProjectSettings& flags = project->defaults;
  ASSERT_EQ(flags.size(), 6U);
  EXPECT_EQ(find(flags, "pull")->words, std::vector<std::string>{"true"});
  EXPECT_EQ(find(flags, "tag")->words, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(find(flags, "top")->words, std::vector<std::string>{"3"});
  EXPECT_EQ(flags[5].words, std::vector<std::string>{"L=W"});
  EXPECT_EQ(flags[5].origin, "/p/ktl.yaml:6:21");
  EXPECT_NE(refusal("defaults: {pull: 1.5}\n"), "accepted");
}

TEST(Project, SecretsAndOutputsBecomeRecords) {
  auto project = parsed(
      "build:\n  secrets: [TOKEN, {id: npm, src: 'a,\"b'}]\n"
      "  outputs: [{type: local, dest: out}, {type: tar, dest: '-'}]\n");
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  EXPECT_EQ(setting(*project, "secret")->words,
            (std::vector<std::string>{"TOKEN", "id=npm,\"src=/p/a,\"\"b\""}));
  EXPECT_EQ(setting(*project, "output")->words,
            (std::vector<std::string>{"type=local,dest=/p/out", "type=tar,dest=-"}));
}

TEST(Project, AUserConfigHasNoTargets) {
  EXPECT_TRUE(parse_user_config("defaults: {progress: plain}\n", "/u/config.yaml").ok());
  EXPECT_EQ(parse_user_config("defaults: {}\nbuild: {}\n", "/u/config.yaml").status().to_string(),
            "/u/config.yaml:2:1: \"build\" is a project's\n"
            "  write it into the ktl.yaml of the project that it is about");
  EXPECT_FALSE(parse_user_config("targets: {}\n", "/u/config.yaml").ok());
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
  Result<std::optional<Project>> load(const std::string& directory) {
    return load_project({{}, root_ / directory, root_ / "state/trust.json", {}});
  }

  fs::path root_;
};

TEST_F(LookupTest, FindsTheNearestUpward) {
  write("ktl.yaml", "build: {target: root}\n");
  write("a/b/ktl.yaml", "build: {target: b}\n");
  auto nearest = load("a/b/c");
  ASSERT_TRUE(nearest.ok() && *nearest) << nearest.status().to_string();
  EXPECT_EQ((*nearest)->file, root_ / "a/b/ktl.yaml");
  EXPECT_EQ((*load("a"))->file, root_ / "ktl.yaml");
}

TEST_F(LookupTest, AFoundFileIsTrustedByItsRecordOnly) {
  write("a/ktl.yaml", "builder: auto\n");
  EXPECT_EQ(load("a").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(load("a/b/c").status().where(), root_ / "a/ktl.yaml:1:1");
  TrustRecords records(root_ / "state/trust.json");
  ASSERT_TRUE(records.record(root_ / "a/ktl.yaml", sha256_hex("builder: auto\n")).ok());
  auto trusted = load("a/b");
  ASSERT_TRUE(trusted.ok()) << trusted.status().to_string();
  EXPECT_TRUE((*trusted)->trusted);
  write("a/ktl.yaml", "builder: auto \n");
  EXPECT_NE(load("a").status().message().find("has changed since it was trusted"),
            std::string::npos);
}

TEST_F(LookupTest, ANamedFileIsTrusted) {
  write("a/ktl.yaml", "builder: auto\n");
  auto named = load_project({root_ / "a/ktl.yaml", root_, {}, {}});
  ASSERT_TRUE(named.ok()) << named.status().to_string();
  EXPECT_TRUE((*named)->trusted);
}

TEST_F(LookupTest, RefusesLinksStrangersAndWhatIsNoFile) {
  write("real.yaml", "build: {}\n");
  fs::create_symlink(root_ / "real.yaml", root_ / "a/ktl.yaml");
  EXPECT_EQ(load("a").status().to_string().substr(0, (root_ / "a/ktl.yaml").native().size() + 25),
            (root_ / "a/ktl.yaml").native() + ": this is a symbolic link");
  fs::remove(root_ / "a/ktl.yaml");
  fs::create_symlink("nowhere", root_ / "a/ktl.yaml");
  EXPECT_FALSE(load("a").ok());
  fs::remove(root_ / "a/ktl.yaml");
  write("a/ktl.yaml", "build: {target: x}\n");
  chmod((root_ / "a/ktl.yaml").c_str(), 0666);
  EXPECT_EQ(load("a/b").status().code(), Code::kPermissionDenied);
  fs::remove(root_ / "a/ktl.yaml");
  mkfifo((root_ / "a/ktl.yaml").c_str(), 0600);
  EXPECT_EQ(load("a").status().code(), Code::kInvalidArgument);
  EXPECT_FALSE(read_trustable(root_ / "a/ktl.yaml").ok());
}

TEST_F(LookupTest, ANamedFileMustBeThere) {
  EXPECT_EQ(load_project({root_ / "no.yaml", root_, {}, {}}).status().code(), Code::kNotFound);
  fs::create_directory(root_ / "ktl.yaml");
  EXPECT_EQ(load("a").status().code(), Code::kInvalidArgument);
  EXPECT_FALSE(load_project({root_ / "ktl.yaml", root_, {}, {}}).ok());
}

TEST_F(LookupTest, AUserConfigIsCheckedToo) {
  EXPECT_FALSE(load_user_config(root_ / "config.yaml")->has_value());
  write("config.yaml", "builder: auto\n");
  EXPECT_TRUE(load_user_config(root_ / "config.yaml")->has_value());
  chmod((root_ / "config.yaml").c_str(), 0602);
  EXPECT_EQ(load_user_config(root_ / "config.yaml").status().code(), Code::kPermissionDenied);
}

TEST_F(LookupTest, AnUntrustedContextMayNotLeaveByALink) {
  fs::create_directory(root_ / "a/inside");
  fs::create_directory_symlink(root_ / "a/inside", root_ / "a/good");
  fs::create_directory_symlink("/etc", root_ / "a/bad");
  write("a/ktl.yaml", "targets:\n  t: {context: good}\n");
  EXPECT_TRUE(load("a").ok());
  write("a/ktl.yaml", "targets:\n  t: {context: bad}\n");
  EXPECT_EQ(load("a").status().where(), root_ / "a/ktl.yaml:2:7");
  write("a/ktl.yaml", "build: {file: bad/passwd}\n");
  EXPECT_FALSE(load("a").ok());
}

}  // namespace
}  // namespace ktl
