#include "ledger/chain.h"

#include <gmock/gmock.h>

#include <map>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::ledger {
namespace {

using ::testing::ElementsAre;

// The graph of
//   FROM scratch / COPY --exclude=*.md src /w/ / RUN --mount=type=bind,source=m,target=/m x
// as BuildKit's provenance has it, with what differs between sessions put in.
json::array definition(const std::string& session = "one") {
  const std::string text = R"([
    {"id":"step0","op":{"Op":{"source":{"identifier":"local://context","attrs":{
      "local.session":"SESSION","local.unique":"SESSION","local.sharedkeyhint":"SESSION",
      "local.followpaths":"[\"src\"]"}}},"platform":{"Architecture":"amd64","OS":"linux"}}},
    {"id":"step1","inputs":["step0:0"],"op":{"Op":{"file":{"actions":[
      {"input":-1,"secondaryInput":0,"output":0,"Action":{"copy":{"src":"/src","dest":"/w/",
       "allowWildcard":true,"exclude_patterns":["*.md"]}}}]}}}},
    {"id":"step2","inputs":["step1:0","step0:0"],"op":{"Op":{"exec":{"meta":{"args":["x"]},
      "mounts":[{"input":0,"dest":"/","output":0},
                {"input":1,"selector":"/m","dest":"/m","output":-1,"readonly":true},
                {"input":-1,"dest":"/c","mountType":3}]}}}},
    {"id":"step3","inputs":["step2:0"],"op":{"Op":{}}}])";
  std::string made = text;
  for (size_t at = made.find("SESSION"); at != std::string::npos; at = made.find("SESSION")) {
    made.replace(at, 7, session);
  }
  return parse_json(made)->as_array();
}

// A folder's content, by path, that a test may change.
struct Contents {
  std::map<std::string, std::string> digests = {{"/src", digest_of("src")}, {"/m", digest_of("m")}};
  std::vector<Selection> asked;

  ContentDigest source() {
    return [this](const Selection& selection) -> Result<std::string> {
      asked.push_back(selection);
      auto found = digests.find(selection.path);
      return found == digests.end() ? Result<std::string>(Status(Code::kNotFound, "not sent"))
                                    : found->second;
    };
  }
};

std::vector<std::string> digests(const json::array& graph, const ContentDigest& content) {
  auto steps = step_digests(graph, content);
  EXPECT_TRUE(steps.ok()) << steps.status().to_string();
  std::vector<std::string> out;
  for (const Step& step : *steps) {
    out.push_back(step.digest);
  }
  return out;
}

TEST(Chain, IsTheSameInEverySession) {
  Contents contents;
  const auto first = digests(definition("one"), contents.source());
  ASSERT_EQ(first.size(), 3U);
  for (const std::string& digest : first) {
    EXPECT_TRUE(is_digest(digest));
  }
  EXPECT_EQ(digests(definition("two"), contents.source()), first);
}

TEST(Chain, SaysWhatKindAStepIs) {
  Contents contents;
  auto steps = step_digests(definition(), contents.source());
  ASSERT_TRUE(steps.ok());
  std::vector<std::string> shown;
  for (const Step& step : *steps) {
    shown.push_back(step.id + " " + step.kind);
  }
  EXPECT_THAT(shown, ElementsAre("step0 source", "step1 file", "step2 exec"));
}

TEST(Chain, AsksForWhatEachStepSelects) {
  Contents contents;
  digests(definition(), contents.source());
  ASSERT_EQ(contents.asked.size(), 2U);
  EXPECT_EQ(contents.asked[0].folder, "context");
  EXPECT_EQ(contents.asked[0].path, "/src");
  EXPECT_TRUE(contents.asked[0].wildcard);
  EXPECT_THAT(contents.asked[0].exclude, ElementsAre("*.md"));
  EXPECT_EQ(contents.asked[1].path, "/m");
}

TEST(Chain, AChangedFileChangesTheStepsThatSelectItAndAllAfterThem) {
  Contents contents;
  const auto before = digests(definition(), contents.source());
  contents.digests["/m"] = digest_of("m, changed");
  const auto mounted = digests(definition(), contents.source());
  EXPECT_EQ(mounted[0], before[0]);
  EXPECT_EQ(mounted[1], before[1]);
  EXPECT_NE(mounted[2], before[2]);
  contents.digests["/src"] = digest_of("src, changed");
  const auto copied = digests(definition(), contents.source());
  EXPECT_NE(copied[1], before[1]);
  EXPECT_NE(copied[2], mounted[2]);
}

TEST(Chain, AChangedOperationChangesItsStepAndAllAfterIt) {
  Contents contents;
  const auto before = digests(definition(), contents.source());
  json::array graph = definition();
  graph[1].as_object()["op"].as_object()["platform"] = {{"OS", "plan9"}};
  const auto after = digests(graph, contents.source());
  EXPECT_EQ(after[0], before[0]);
  EXPECT_NE(after[1], before[1]);
  EXPECT_NE(after[2], before[2]);
}

TEST(Chain, DoesNotDependOnTheOrderOfKeysOrSteps) {
  Contents contents;
  auto before = digests(definition(), contents.source());
  json::array graph = definition();
  std::swap(graph[0], graph[2]);
  json::object& op = graph[1].as_object()["op"].as_object();
  op["constraints"] = json::value();
  op.erase("constraints");
  auto after = digests(graph, contents.source());
  std::swap(after[0], after[2]);
  EXPECT_EQ(after, before);
}

TEST(Chain, WithoutAContentTheStepAndAllAfterItHaveNoDigest) {
  Contents contents;
  contents.digests.erase("/src");
  const auto found = digests(definition(), contents.source());
  EXPECT_TRUE(is_digest(found[0]));
  EXPECT_EQ(found[1], "");
  EXPECT_EQ(found[2], "");
}

TEST(Chain, AFolderThatAStepChangesIsSelectedAsAWhole) {
  Contents contents;
  contents.digests["/"] = digest_of("all");
  auto graph = parse_json(R"([
    {"id":"a","op":{"Op":{"source":{"identifier":"local://context"}}}},
    {"id":"b","inputs":["a:0"],"op":{"Op":{"file":{"actions":[
      {"input":0,"secondaryInput":-1,"output":0,"Action":{"mkdir":{"path":"/x"}}}]}}}},
    {"id":"c","inputs":["a:0"],"op":{"Op":{"merge":{"inputs":[{"input":0}]}}}}])");
  digests(graph->as_array(), contents.source());
  ASSERT_EQ(contents.asked.size(), 2U);
  EXPECT_EQ(contents.asked[0].path, "/");
  EXPECT_EQ(contents.asked[1].path, "/");
}

TEST(Chain, RefusesWhatIsNoGraph) {
  Contents contents;
  for (const char* text : {R"([{"id":"a","inputs":["b:0"],"op":{"Op":{"exec":{}}}}])",
                           R"([{"id":"a","inputs":["a:0"],"op":{"Op":{"exec":{}}}}])",
                           R"([{"id":"a","inputs":["b:0"],"op":{"Op":{"exec":{}}}},
            {"id":"b","inputs":["a:0"],"op":{"Op":{"exec":{}}}}])",
                           R"([{"id":"a","op":{}},{"id":"a","op":{}}])",
                           R"([{"id":"a","inputs":["a"],"op":{"Op":{"exec":{}}}}])"}) {
    EXPECT_EQ(step_digests(parse_json(text)->as_array(), contents.source()).status().code(),
              Code::kInvalidArgument)
        << text;
  }
}

TEST(Chain, TakesAGraphOfAnyDepth) {
  Contents contents;
  json::array graph;
  for (int i = 0; i < 5000; ++i) {
    json::array inputs;
    if (i > 0) {
      inputs.emplace_back("s" + std::to_string(i - 1) + ":0");
    }
    graph.push_back({{"id", "s" + std::to_string(i)},
                     {"inputs", std::move(inputs)},
                     {"op", {{"Op", {{"exec", {{"n", i}}}}}}}});
  }
  std::reverse(graph.begin(), graph.end());
  EXPECT_EQ(digests(graph, contents.source()).size(), 5000U);
}

// What BuildKit 0.34 wrote of a build with COPY --exclude, a bind mount, and two files in one COPY.
TEST(Chain, ReadsWhatBuildKitWrites) {
  auto text = read_file(KTL_SOURCE_DIR "/tests/unit/ledger/data/provenance.json", 1U << 20U);
  ASSERT_TRUE(text.ok());
  auto graph = definition_of(*parse_json(*text));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  std::vector<std::string> asked;
  auto found = digests(*graph, [&](const Selection& selection) -> Result<std::string> {
    asked.push_back(selection.path + (selection.exclude.empty() ? "" : " but *.md"));
    return digest_of(selection.path);
  });
  EXPECT_THAT(asked, ElementsAre("/busybox", "/src but *.md", "/src", "/src/*.txt", "/top.txt"));
  EXPECT_EQ(found.size(), 7U);
  EXPECT_EQ(std::ranges::count(found, ""), 0);
}

TEST(Definition, IsFoundInBothVersionsOfProvenance) {
  const json::array list = definition();
  const json::object config{{"buildConfig", {{"llbDefinition", list}}}};
  const json::object one{{"buildDefinition", {{"internalParameters", config}}}};
  EXPECT_EQ(*definition_of(one), list);
  EXPECT_EQ(*definition_of(config), list);
  EXPECT_EQ(*definition_of(json::object{{"predicate", one}}), list);
  EXPECT_EQ(definition_of(json::object{}).status().code(), Code::kNotFound);
}

TEST(VerticesOf, AreWhatTheBuilderCallsTheSteps) {
  const std::string vertex = digest_of("vertex");
  const json::value predicate{
      {"buildConfig", {{"digestMapping", {{vertex, "step2"}, {"no digest", "step3"}}}}}};
  const std::map<std::string, std::string> expected{{vertex, "step2"}};
  EXPECT_EQ(vertices_of(predicate), expected);
  EXPECT_EQ(vertices_of(json::object{{"predicate", predicate}}), expected);
  EXPECT_TRUE(vertices_of(json::object{{"buildConfig", 1}}).empty());
}

}  // namespace
}  // namespace ktl::ledger
