#include "cli/request/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/options/build_options.h"
#include "cli/request/results.h"

namespace ktl::cli {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::optional<Project> project(std::string_view text, std::vector<Override> overrides = {}) {
  auto parsed =
      parse_project(text, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = overrides});
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  return *std::move(parsed);
}

Result<Layers> layers(const std::optional<Project>& user, const std::optional<Project>& file,
                      const std::string& target = "", const std::string& profile = "",
                      bool named = true) {
  static const FlagSet flags(build_options());
  return layers_of(flags, {.user = user,
                           .project = file,
                           .target = target.empty() ? nullptr : find_target(file->targets, target),
                           .named = named,
                           .profile = profile,
                           .profile_origin = "flag"});
}
std::string fault(std::string_view text) { return layers({}, project(text)).status().to_string(); }

TEST(Layers, TheStrongerReplacesTheWeaker) {
  auto user = project("defaults: {target: user, network: none}");
  auto file = project(
      "defaults: {target: defaults}\nbuild: {target: build}\n"
      "targets: {t: {target: target}}\nprofiles: {p: {flags: {target: p}}}");
  EXPECT_EQ(layers(user, {})->below.at("target").words.at(0), "user");
  EXPECT_EQ(layers(user, file)->below.at("target").words.at(0), "build");
  EXPECT_EQ(layers(user, file)->below.at("network").words.at(0), "none");
  EXPECT_EQ(layers(user, file, "t")->below.at("target").words.at(0), "target");
  EXPECT_EQ(layers(user, file, "t", "p")->below.at("target").words.at(0), "p");
}

TEST(Layers, WhatSetGaveIsAboveAll) {
  auto file = project("targets: {t: {args: {A: a}}}", {{"t.args.B=b", "/d"}});
  auto found = layers({}, file, "t");
  EXPECT_THAT(found->below.at("build-arg").words, ElementsAre("A=a"));
  EXPECT_THAT(found->above.at("build-arg").words, ElementsAre("B=b"));
}

TEST(Layers, PathsStartFromTheFilesFolder) {
  auto file = project("defaults: {iidfile: out/id}\nprofiles: {p: {flags: {metadata-file: m}}}");
  auto found = layers({}, file, "", "p");
  EXPECT_THAT(found->below.at("iidfile").words, ElementsAre("/p/out/id"));
  EXPECT_THAT(found->below.at("metadata-file").words, ElementsAre("/p/m"));
}

TEST(Layers, ANeededTargetKeepsOnlyItsOwnResults) {
  auto file = project("defaults: {tag: everybody, pull: true}\ntargets: {t: {target: x}}");
  auto found = layers({}, file, "t", "", false);
  EXPECT_FALSE(found->below.contains("tag"));
  EXPECT_TRUE(found->below.contains("pull"));
  EXPECT_TRUE(found->below.contains("target"));
  EXPECT_FALSE(found->for_one_result);
}

TEST(Layers, FaultsNameThePlace) {
  EXPECT_EQ(fault("defaults:\n  progres: plain\n"),
            "/p/ktl.yaml:2:3: unknown flag --progres\n  did you mean --progress?");
  EXPECT_THAT(fault("defaults:\n  rekor-url: x\n"),
              StartsWith("/p/ktl.yaml:2:3: --rekor-url: not built yet"));
  EXPECT_THAT(fault("defaults:\n  project: x\n"),
              StartsWith("/p/ktl.yaml:2:3: --project cannot be set by a file"));
  EXPECT_THAT(fault("defaults:\n  progress: [plain, tty]\n"),
              StartsWith("/p/ktl.yaml:2:3: --progress takes one value, not a list"));
  EXPECT_THAT(layers({}, {}, "", "nobody").status().to_string(),
              StartsWith("flag: there is no profile nobody"));
}

Status one_result(const std::vector<std::string>& args, Variables variables = {}) {
  static const FlagSet flags(build_options());
  auto parsed = parse_flags(flags, args);
  return check_one_result(flags, *parsed, Environment(std::move(variables)));
}

TEST(Results, FlagsOfOneAreRefusedForSeveral) {
  EXPECT_TRUE(one_result({"--pull", "--output", "logs"}).ok());
  EXPECT_EQ(one_result({"-t", "x"}).to_string(),
            "--tag is for one result, and several targets are built\n"
            "  give each target its own tags in ktl.yaml, or for this run: --set TARGET.tags=...");
  EXPECT_FALSE(one_result({}, {{"KTL_IIDFILE", "x"}}).ok());
  EXPECT_FALSE(one_result({"--output", "type=local,dest=x"}).ok());
}

}  // namespace
}  // namespace ktl::cli
