#include "dockerfile/stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Result<StageGraph> graph_of(std::string_view text, const StageOptions& options = {}) {
  KTL_ASSIGN(const auto file, parse(text));
  return make_stage_graph(file, options);
}

StageGraph graph(std::string_view text, const StageOptions& options = {}) {
  auto made = graph_of(text, options);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return made.ok() ? *std::move(made) : StageGraph();
}

Status failure(std::string_view text, const StageOptions& options = {}) {
  return graph_of(text, options).status();
}

// "image alpine @2 of 0"
std::vector<std::string> described(const StageGraph& graph) {
  const std::vector<std::string> kinds = {"image", "http", "git", "context", "frontend"};
  std::vector<std::string> out;
  for (const Source& source : graph.sources) {
    out.push_back(kinds[static_cast<size_t>(source.kind)] + " " + source.reference + " @" +
                  std::to_string(source.line) +
                  (source.stage.has_value() ? " of " + std::to_string(*source.stage) : "") +
                  (source.exact ? "" : " perhaps"));
  }
  return out;
}

constexpr std::string_view kApp = R"(# syntax=docker/dockerfile:1
ARG GO=1.26
FROM --platform=$BUILDPLATFORM golang:${GO} AS Build
RUN --mount=type=bind,from=Tools,target=/t --mount=type=cache,target=/c make
FROM alpine AS tools
FROM scratch AS unused
COPY --from=busybox:1 /bin/sh /
FROM build
COPY --from=0 /a /
COPY --from=tools /b /
)";

TEST(Stages, ReadsNamesBasesAndNeeds) {
  const auto made = graph(kApp, {.platform_args = {{"BUILDPLATFORM", "linux/amd64"}}});
  ASSERT_THAT(made.stages, SizeIs(4));
  EXPECT_EQ(made.stages[0].name, "build");
  EXPECT_EQ(made.stages[0].base.name, "golang:1.26");
  EXPECT_EQ(made.stages[0].platform, "linux/amd64");
  EXPECT_EQ(made.stages[0].line, 3);
  EXPECT_THAT(made.stages[0].needs, ElementsAre(1));
  EXPECT_EQ(made.stages[2].base.kind, Base::Kind::kScratch);
  EXPECT_EQ(made.stages[3].base.kind, Base::Kind::kStage);
  EXPECT_EQ(made.stages[3].base.stage, 0U);
  EXPECT_THAT(made.stages[3].needs, ElementsAre(0, 1));
  EXPECT_THAT(made.needed(3), ElementsAre(0, 1, 3));
  EXPECT_THAT(made.needed(2), ElementsAre(2));
  EXPECT_THAT(made.names(), ElementsAre("build", "tools", "unused"));
}

TEST(Stages, ListsSourcesWithTheirLines) {
  const auto made = graph(kApp, {.platform_args = {{"BUILDPLATFORM", "linux/amd64"}}});
  EXPECT_THAT(described(made),
              ElementsAre("frontend docker/dockerfile:1 @1", "image golang:1.26 @3 of 0",
                          "image alpine @5 of 1", "image busybox:1 @7 of 2"));
}

TEST(Stages, SaysHowASourceIsUsedAndHeldToAChecksum) {
  const auto made = graph(
      "# syntax=f\nFROM a AS one\nCOPY --from=b /x /\nRUN --mount=type=bind,from=c,target=/c x\n"
      "ARG SUM=sha256:12\nADD --checksum=$SUM https://h/x /\nADD https://h/y /\n");
  std::vector<std::string> uses;
  for (const Source& source : made.sources) {
    uses.push_back(std::to_string(static_cast<int>(source.use)) + source.checksum);
  }
  EXPECT_THAT(uses, ElementsAre("0", "1", "2", "3", "4sha256:12", "4"));
}

TEST(Stages, ListsRunsThatAskForANetworkOrASecurity) {
  const auto made = graph(
      "FROM a\nRUN x\nRUN --network=host y\nFROM b\nRUN --security=insecure --network=none z\n");
  ASSERT_THAT(made.runs, SizeIs(2));
  EXPECT_EQ(made.runs[0].line, 3);
  EXPECT_EQ(made.runs[0].network, "host");
  EXPECT_EQ(made.runs[0].security, "");
  EXPECT_EQ(made.runs[1].stage, 1U);
  EXPECT_EQ(made.runs[1].security, "insecure");
}

TEST(Stages, LetsABuildArgumentChooseTheFrontend) {
  const auto made = graph(kApp, {.build_args = {{"BUILDKIT_SYNTAX", " my/front:2 x"}},
                                 .platform_args = {{"BUILDPLATFORM", "linux/amd64"}}});
  EXPECT_EQ(described(made)[0], "frontend my/front:2 @0");
}

TEST(Stages, FindsTargets) {
  const auto made = graph("FROM scratch AS base\nFROM scratch AS build\nFROM scratch\n");
  EXPECT_EQ(*made.find(""), 2U);
  EXPECT_EQ(*made.find("BUILD"), 1U);
  const Status unknown = made.find("biuld").status();
  EXPECT_EQ(unknown.code(), Code::kNotFound);
  EXPECT_THAT(unknown.next(), HasSubstr("did you mean \"build\"?"));
  EXPECT_THAT(unknown.next(), HasSubstr("base, build"));
  EXPECT_THAT(graph("FROM scratch\n").find("x").status().next(), HasSubstr("AS x"));
}

TEST(Stages, TakesTheLaterOfTwoStagesOfOneName) {
  const auto made = graph("FROM scratch AS a\nFROM scratch AS A\nFROM a\n");
  EXPECT_EQ(*made.find("a"), 1U);
  EXPECT_EQ(made.stages[2].base.stage, 1U);
}

TEST(Stages, ExpandsGlobalArguments) {
  const std::string text =
      "ARG TAG=3\nARG NAME=${REGISTRY:+$REGISTRY/}alpine:$TAG\nARG REGISTRY\nFROM ${NAME%:*}\n";
  EXPECT_EQ(graph(text).stages[0].base.name, "alpine");
  EXPECT_EQ(
      graph("ARG A=x\nARG B=$A-y\nFROM $B\n", {.build_args = {{"A", "z"}}}).stages[0].base.name,
      "z-y");
  EXPECT_EQ(graph("FROM base-$TARGETSTAGE AS Last\n").stages[0].base.name, "base-last");
  EXPECT_EQ(graph("FROM b-$TARGETARCH\n", {.build_args = {{"TARGETARCH", "s390x"}},
                                           .platform_args = {{"TARGETARCH", "amd64"}}})
                .stages[0]
                .base.name,
            "b-s390x");
}

TEST(Stages, SeesWhatAddFetches) {
  const auto made = graph(
      "ARG HOST=example.org\n"
      "FROM scratch AS a\n"
      "ARG HOST\n"
      "ENV V=1.2\n"
      "ADD https://$HOST/x-$V.tar.gz local.txt https://$HOST/r.git?ref=v1#main /\n"
      "ADD git@$HOST:r.git ssh://h/r ./x:y /r/\n"
      "FROM a\n"
      "ADD [\"http://$HOST/$V\", \"/\"]\n");
  EXPECT_THAT(described(made),
              ElementsAre("http https://example.org/x-1.2.tar.gz @5 of 0",
                          "git https://example.org/r.git?ref=v1#main @5 of 0",
                          "git git@example.org:r.git @6 of 0", "git ssh://h/r @6 of 0",
                          "http http://example.org/1.2 @8 of 1"));
}

TEST(Stages, SaysWhenAVariableMayComeFromTheBaseImage) {
  const auto made = graph("FROM alpine\nENV U=$FROM_IMAGE/x\nADD $U dir/ /\nADD a.$B /\n");
  EXPECT_THAT(described(made), ElementsAre("image alpine @1 of 0", "http $U @3 of 0 perhaps",
                                           "http a.$B @4 of 0 perhaps"));
}

TEST(Stages, RunsTriggersOfTheStageItStartsFrom) {
  const auto made = graph(
      "FROM scratch AS data\n"
      "FROM scratch AS base\n"
      "ONBUILD COPY --from=data / /\n"
      "ONBUILD RUN --mount=from=alpine,target=/a true\n"
      "FROM base AS child\n"
      "FROM child\n");
  EXPECT_THAT(made.stages[1].needs, IsEmpty());
  EXPECT_THAT(made.stages[2].needs, ElementsAre(0, 1));
  EXPECT_THAT(made.stages[3].needs, ElementsAre(2));
  EXPECT_THAT(described(made), ElementsAre("image alpine @4 of 2"));
}

TEST(Stages, LetsContextsTakeThePlaceOfImagesAndStages) {
  const auto made = graph(
      "FROM golang AS build\nFROM docker.io/library/alpine:latest\nCOPY --from=lib / /\n"
      "COPY --from=build / /\n",
      {.contexts = {"build", "alpine", "lib"}});
  EXPECT_THAT(described(made), ElementsAre("context build @1 of 0", "context alpine @2 of 1",
                                           "context lib @3 of 1"));
  EXPECT_THAT(made.stages[1].needs, ElementsAre(0));
}

struct Refusal {
  std::string text;
  std::string where;
  std::string message;
};

class StagesRefuse : public testing::TestWithParam<Refusal> {};

TEST_P(StagesRefuse, BadInput) {
  const Status status = failure(GetParam().text);
  EXPECT_EQ(status.code(), Code::kInvalidArgument) << status.to_string();
  EXPECT_EQ(status.where(), GetParam().where);
  EXPECT_THAT(status.message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Stages, StagesRefuse,
    testing::Values(Refusal{"ARG A\n", "Dockerfile", "no FROM"},
                    Refusal{"RUN x\nFROM a\n", "Dockerfile:1", "before the first FROM"},
                    Refusal{"FROM a\nCOYP a b\n", "Dockerfile:2", "unknown instruction COYP"},
                    Refusal{"FROM a\nONBUILD FROM b\n", "Dockerfile:2", "may not trigger FROM"},
                    Refusal{"FROM a b\n", "Dockerfile:1", "FROM takes"},
                    Refusal{"FROM a AS 1b\n", "Dockerfile:1", "cannot be called 1b"},
                    Refusal{"ARG X\nFROM $X\n", "Dockerfile:2", "comes out empty"},
                    Refusal{"FROM --platform=$P a\n", "Dockerfile:1", "comes out empty"},
                    Refusal{"FROM ${X\n", "Dockerfile:1", "${"},
                    Refusal{"ARG X=${Y:?please}\nFROM a\n", "Dockerfile:1", "please"},
                    Refusal{"FROM a\nCOPY --from=1 x y\n", "Dockerfile:2", "no stage number 1"},
                    Refusal{"FROM a\nCOPY --from=-1 x y\n", "Dockerfile:2", "no stage number -1"},
                    Refusal{"FROM a\nCOPY --from=$X x y\n", "Dockerfile:2", "not expanded"},
                    Refusal{"FROM a\nRUN --mount=from=$X,target=/x y\n", "Dockerfile:2",
                            "not expanded"},
                    Refusal{"FROM a\nRUN --mount=a\\\"b,from=c y\n", "Dockerfile:2", "quote"},
                    Refusal{"FROM a AS x\nCOPY --from=x a b\n", "Dockerfile:1", "x -> x"},
                    Refusal{"FROM a AS x\nCOPY --from=y a b\nFROM x AS y\nFROM y\n", "Dockerfile:1",
                            "x -> y -> x"}));

TEST(Stages, LeavesUnknownInstructionsToAChosenFrontend) {
  const auto made = graph("# syntax=my/front\nFROM a\nNEWTHING x\n");
  EXPECT_THAT(made.stages, SizeIs(1));
  EXPECT_THAT(failure("FROM a\nCOYP a b\n").next(), HasSubstr("COPY"));
}

TEST(Stages, BoundsHostileFiles) {
  std::string many;
  for (int i = 0; i < 501; ++i) {
    many += "FROM a\n";
  }
  EXPECT_EQ(failure(many).code(), Code::kResourceExhausted);
  std::string doubling = "ARG A0=xxxxxxxx\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "$A" + std::to_string(i - 1);
    doubling += "ARG A" + std::to_string(i) + "=" + last + last + "\n";
  }
  EXPECT_EQ(failure(doubling + "FROM $A39\n").code(), Code::kResourceExhausted);
}

}  // namespace
}  // namespace ktl::dockerfile
