#include "cli/render/answer.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

const Call kLint{.method = "lint"};

json::object lint(const std::string& document, const std::string& text, const std::string& status) {
  return {{"result.json", document}, {"result.txt", text}, {"result.statuscode", status}};
}

TEST(Answer, ALintSaysHowManyWarnings) {
  EXPECT_EQ(answer_text(kLint, lint(R"({"warnings":[]})", "", "0")),
            "Check complete, no warnings found.\n");
  EXPECT_EQ(answer_text(kLint, lint(R"({"warnings":[1]})", "\nW\n", "1")),
            "Check complete, 1 warning has been found!\n\nW\n");
  EXPECT_EQ(answer_text(kLint, lint(R"({"warnings":[1,2]})", "\nW\x1b[2J\n", "1")),
            "Check complete, 2 warnings have been found!\n\nW\n");
}

TEST(Answer, TheStatusIsTheExitCode) {
  EXPECT_EQ(answer_exit(kLint, lint("", "", "0")), 0);
  EXPECT_EQ(answer_exit(kLint, lint("", "", "1")), 1);
  EXPECT_EQ(answer_exit({.method = "lint", .ignore_status = true}, lint("", "", "1")), 0);
  EXPECT_EQ(answer_exit({.method = "outline"}, {}), 0);
}

TEST(Answer, ADockerfileThatCannotBeBuiltIsAFault) {
  const json::object bad =
      lint(R"({"sources":[{"filename":"D"}],"buildError":{"message":"no such stage",)"
           R"("location":{"ranges":[{"start":{"line":7}}]}}})",
           "", "1");
  EXPECT_EQ(fault_in_answer(kLint, bad).message(), "no such stage");
  EXPECT_EQ(fault_in_answer(kLint, bad).where(), "D:7");
  EXPECT_EQ(answer_text(kLint, bad), "");
  EXPECT_TRUE(fault_in_answer({.method = "lint", .json = true}, bad).ok());
  EXPECT_TRUE(fault_in_answer(kLint, lint("{broken", "", "0")).ok());
}

TEST(Answer, OtherMethodsSpeakForThemselves) {
  const json::object answer{{"result.json", "{}"}, {"result.txt", "TARGET: x\n"}};
  EXPECT_EQ(answer_text({.method = "outline"}, answer), "TARGET: x\n");
  EXPECT_EQ(answer_text({.method = "outline", .json = true}, answer), "{}\n");
}

}  // namespace
}  // namespace ktl::cli
