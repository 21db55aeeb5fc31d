#include "dockerfile/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Dockerfile parsed(std::string_view text) {
  auto file = parse(text);
  EXPECT_TRUE(file.ok()) << file.status().to_string();
  return file.ok() ? *std::move(file) : Dockerfile{.instructions = std::vector<Instruction>(9)};
}

Status failure(std::string_view text, const ParserLimits& limits = {}) {
  return parse(text, "Dockerfile", limits).status();
}

TEST(Parser, JoinsContinuationsAndSkipsCommentsAndEmptyLinesInside) {
  const auto file = parsed(
      "FROM scratch\n"
      "\n"
      "run echo a \\  \n"
      "# not part of it\n"
      "\n"
      "   && echo b \\\n"
      "  # nor this\n"
      "  && echo c\n"
      "USER 1\n");
  ASSERT_THAT(file.instructions, SizeIs(3));
  const Instruction& run = file.instructions[1];
  EXPECT_EQ(run.keyword, "RUN");
  EXPECT_THAT(run.arguments, ElementsAre("echo a    && echo b   && echo c"));
  EXPECT_EQ(run.start_line, 3);
  EXPECT_EQ(run.end_line, 8);
  EXPECT_EQ(file.instructions[2].start_line, 9);
}

TEST(Parser, TakesAnEscapedEscapeForNoContinuation) {
  const auto file = parsed("FROM scratch\nRUN echo \\\\\nUSER 1\n");
  ASSERT_THAT(file.instructions, SizeIs(3));
  EXPECT_THAT(file.instructions[1].arguments, ElementsAre("echo \\\\"));
}

TEST(Parser, ReadsDirectivesUntilTheFirstOtherLine) {
  const auto file = parsed(
      "\xEF\xBB\xBF# syntax = docker/dockerfile:1 extra\r\n"
      "#ESCAPE=`\r\n"
      "# check=skip=all\r\n"
      "\r\n"
      "# escape=\\\r\n"
      "FROM scratch\r\n"
      "RUN dir `\r\n"
      "  c:\\\r\n");
  EXPECT_THAT(file.directives,
              ElementsAre(Directive{"syntax", "docker/dockerfile:1 extra", 1},
                          Directive{"escape", "`", 2}, Directive{"check", "skip=all", 3}));
  EXPECT_EQ(file.escape, '`');
  ASSERT_TRUE(file.syntax.has_value());
  EXPECT_EQ(*file.syntax, (Directive{"syntax", "docker/dockerfile:1", 1}));
  EXPECT_THAT(file.instructions[1].arguments, ElementsAre("dir   c:\\"));
}

TEST(Parser, RefusesBadAndRepeatedDirectives) {
  EXPECT_EQ(failure("# escape=x\nFROM scratch\n").where(), "Dockerfile:1");
  const Status twice = failure("# escape=`\n# Escape=`\nFROM scratch\n");
  EXPECT_EQ(twice.where(), "Dockerfile:2");
  EXPECT_THAT(twice.message(), HasSubstr("given twice"));
}

TEST(Parser, KeepsFlagsApartFromArguments) {
  const auto file = parsed(
      "FROM --platform=$BUILDPLATFORM golang AS build\n"
      "RUN --mount=type=cache,target=/c --mount=\"type=bind,from=a b\" --network=none make --all\n"
      "COPY --link --from=build -- --odd /\n");
  EXPECT_THAT(file.instructions[0].flags, ElementsAre(Flag{"platform", "$BUILDPLATFORM", true}));
  EXPECT_THAT(file.instructions[0].arguments, ElementsAre("golang", "AS", "build"));
  EXPECT_THAT(flag_values(file.instructions[1], "mount"),
              ElementsAre("type=cache,target=/c", "type=bind,from=a b"));
  EXPECT_THAT(file.instructions[1].arguments, ElementsAre("make --all"));
  EXPECT_THAT(file.instructions[2].flags,
              ElementsAre(Flag{"link", "", false}, Flag{"from", "build", true}));
  EXPECT_THAT(file.instructions[2].arguments, ElementsAre("--odd", "/"));
}

TEST(Parser, ReadsJsonFormsAndFallsBackToText) {
  const auto file = parsed(
      "FROM scratch\n"
      "CMD [\"a\", \"\\u00e9\\n\\ud83d\\ude00\", \"\"]\n"
      "CMD ['a']\n"
      "CMD []\n"
      "COPY [\"a b\", \"/c\"]\n"
      "HEALTHCHECK --interval=1s CMD [ \"x\" ]\n");
  EXPECT_TRUE(file.instructions[1].json);
  EXPECT_THAT(file.instructions[1].arguments, ElementsAre("a", "\u00e9\n\U0001F600", ""));
  EXPECT_FALSE(file.instructions[2].json);
  EXPECT_THAT(file.instructions[2].arguments, ElementsAre("['a']"));
  EXPECT_TRUE(file.instructions[3].json);
  EXPECT_THAT(file.instructions[3].arguments, IsEmpty());
  EXPECT_THAT(file.instructions[4].arguments, ElementsAre("a b", "/c"));
  EXPECT_THAT(file.instructions[5].arguments, ElementsAre("CMD", "x"));
  EXPECT_EQ(failure("FROM scratch\nCMD [\"a\", 1]\n").where(), "Dockerfile:2");
}

TEST(Parser, ReadsAssignments) {
  const auto file = parsed(
      "FROM scratch\n"
      "ENV a=1 b=\"x y\" c=\\ z\n"
      "LABEL old  value with spaces\n"
      "ARG A B=2\n");
  EXPECT_THAT(
      file.instructions[1].assignments,
      ElementsAre(Assignment{"a", "1"}, Assignment{"b", "\"x y\""}, Assignment{"c", "\\ z"}));
  EXPECT_THAT(file.instructions[2].assignments,
              ElementsAre(Assignment{"old", "value with spaces", true}));
  EXPECT_THAT(file.instructions[3].arguments, ElementsAre("A", "B=2"));
  EXPECT_EQ(failure("FROM scratch\nENV a\n").where(), "Dockerfile:2");
  EXPECT_THAT(failure("FROM scratch\nENV a=1 b\n").message(), HasSubstr("ENV b"));
}

TEST(Parser, CollectsHeredocsInOrder) {
  const auto file = parsed(
      "FROM scratch\n"
      "COPY <<one <<-\"two\" /dir/\n"
      "FROM a lie\n"
      "one\n"
      "\t$x\n"
      "\ttwo\n"
      "RUN 3<<EOF cat\n"
      "body\r\n"
      "EOF\r\n"
      "RUN [\"<<EOF\"]\n"
      "USER <<EOF\n");
  ASSERT_THAT(file.instructions, SizeIs(5));
  EXPECT_THAT(file.instructions[1].heredocs,
              ElementsAre(Heredoc{"one", "FROM a lie\n", true, false, 0},
                          Heredoc{"two", "\t$x\n", false, true, 0}));
  EXPECT_EQ(file.instructions[1].end_line, 6);
  EXPECT_THAT(file.instructions[2].heredocs,
              ElementsAre(Heredoc{"EOF", "body\r\n", true, false, 3}));
  EXPECT_THAT(file.instructions[3].heredocs, IsEmpty());
}

TEST(Parser, SaysWhichHeredocIsOpen) {
  const Status status = failure("FROM scratch\n\nRUN <<END\nEOF\n");
  EXPECT_EQ(status.where(), "Dockerfile:3");
  EXPECT_THAT(status.message(), HasSubstr("END"));
}

TEST(Parser, LooksIntoOnbuild) {
  const auto file = parsed("FROM scratch\nONBUILD COPY --from=x <<E /\nhi\nE\n");
  const Instruction& onbuild = file.instructions[1];
  ASSERT_THAT(onbuild.trigger, SizeIs(1));
  EXPECT_EQ(onbuild.trigger[0].keyword, "COPY");
  EXPECT_EQ(onbuild.trigger[0].start_line, 2);
  EXPECT_THAT(flag_values(onbuild.trigger[0], "from"), ElementsAre("x"));
  EXPECT_THAT(onbuild.heredocs, ElementsAre(Heredoc{"E", "hi\n"}));
  EXPECT_THAT(failure("FROM x\nONBUILD ONBUILD ONBUILD RUN a\n").message(), HasSubstr("ONBUILD"));
}

TEST(Parser, RefusesFilesWithoutInstructions) {
  EXPECT_EQ(failure("").code(), Code::kInvalidArgument);
  EXPECT_EQ(failure("# only\n\n# comments\n").where(), "Dockerfile");
}

TEST(Parser, HoldsItsLimits) {
  EXPECT_EQ(failure("FROM scratch\n", {.bytes = 5}).code(), Code::kResourceExhausted);
  const Status line = failure("FROM scratch\nRUN " + std::string(65536, 'x') + "\n");
  EXPECT_EQ(line.code(), Code::kResourceExhausted);
  EXPECT_EQ(line.where(), "Dockerfile:2");
  EXPECT_EQ(failure("USER 1\nUSER 2\nUSER 3\n", {.instructions = 2}).where(), "Dockerfile:3");
  EXPECT_EQ(failure("RUN <<a <<b\na\nb\n", {.heredocs = 1}).code(), Code::kResourceExhausted);
}

TEST(Parser, RefusesWordsThatNestTooDeeplyInsteadOfMissingTheirHeredocs) {
  std::string deep = "RUN <<EOF ";
  for (int i = 0; i < 200; ++i) {
    deep += "${a:-";
  }
  EXPECT_EQ(failure(deep + std::string(200, '}') + "\nEOF\n").code(), Code::kResourceExhausted);
}

TEST(Parser, RefusesNamesThatDecideWhetherThereIsAHeredoc) {
  const Status status = failure("FROM a\nRUN <<'USER 1' ${x\u2014}\nFROM b\nUSER 1\n");
  EXPECT_EQ(status.code(), Code::kUnimplemented);
  EXPECT_EQ(status.where(), "Dockerfile:2");
}

TEST(Parser, LeavesUnknownKeywordsToOthers) {
  const auto file = parsed("FROM scratch\nINSERT coin\n");
  EXPECT_EQ(file.instructions[1].keyword, "INSERT");
  EXPECT_THAT(file.instructions[1].arguments, IsEmpty());
  EXPECT_EQ(file.instructions[1].original, "INSERT coin");
}

}  // namespace
}  // namespace ktl::dockerfile
