#include "cli/request/subjects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using testing::ElementsAre;

const Environment kEnvironment(Variables{});

Result<std::vector<Subject>> subjects(const std::vector<std::string>& words,
                                      std::string_view yaml) {
  static std::optional<Project> project;  // subjects borrow from it
  project.reset();
  if (!yaml.empty()) {
    auto parsed = parse_project(yaml, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = {}});
    EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
    project = *std::move(parsed);
  }
  return subjects_of(words, project, {kEnvironment, "/cwd"});
}
std::string fault(const std::vector<std::string>& words, std::string_view yaml = "") {
  return subjects(words, yaml).status().to_string();
}
std::vector<std::string> contexts(const std::vector<std::string>& words, std::string_view yaml) {
  std::vector<std::string> all;
  auto found = subjects(words, yaml);
  EXPECT_TRUE(found.ok()) << found.status().to_string();
  for (const Subject& subject : *found) {
    all.push_back(subject.context + (subject.named ? "" : " needed"));
  }
  return all;
}

constexpr const char* kTwo = "targets: {api: {context: a, needs: [base]}, base: {context: b}}";

TEST(Subjects, AreTargetsBeforeTheyAreFolders) {
  EXPECT_THAT(contexts({"api"}, kTwo), ElementsAre("/p/b needed", "/p/a"));
  EXPECT_THAT(contexts({"api", "base"}, kTwo), ElementsAre("/p/b", "/p/a"));
  EXPECT_THAT(contexts({"./api"}, kTwo), ElementsAre("/cwd/api"));
  EXPECT_THAT(contexts({"x"}, ""), ElementsAre("/cwd/x"));
}

TEST(Subjects, WithoutWordsAreTheDefaultTargets) {
  EXPECT_THAT(contexts({}, kTwo), ElementsAre("/p/b", "/p/a"));
  EXPECT_THAT(contexts({}, std::string(kTwo) + "\ndefault-targets: [base]"), ElementsAre("/p/b"));
  EXPECT_EQ(fault({}),
            "ktl build needs the folder to build from\n"
            "  for the current one: ktl build .");
  EXPECT_EQ(fault({}, "build: {}").substr(0, 40), "ktl build needs the folder to build from");
}

TEST(Subjects, RefusesWhatIsNeither) {
  EXPECT_EQ(fault({"a", "b"}).substr(0, 50),
            "ktl build takes one context, not \"a\" and \"b\"\n  fla");
  EXPECT_EQ(fault({"api", "bsae"}, kTwo),
            "there is no target bsae in ktl.yaml\n  did you mean \"base\"?");
  EXPECT_EQ(fault({"bsae"}, kTwo),
            "bsae is neither a target of ktl.yaml nor a folder\n  did you mean \"base\"?");
}

}  // namespace
}  // namespace ktl::cli
