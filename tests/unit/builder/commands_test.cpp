#include "builder/commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "builder/supervisor.h"

namespace ktl::builder {
namespace {

bool never() { return false; }

class CommandsTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("cmd." + std::to_string(::getpid()));
  BuilderRequest request_;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    request_.root = true;
    request_.state = folder_;
    request_.runtime = folder_;
    request_.getenv = [](const char* name) {
      return std::string(name) == "KTL_BUILDKITD" ? "/bin/true" : "";
    };
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(CommandsTest, InspectDescribesABuilderThatDoesNotRun) {
  auto text = run_builder_command({"inspect"}, request_, never);
  ASSERT_TRUE(text.ok()) << text.status().to_string();
  auto document = parse_json(*text);
  EXPECT_FALSE(bool_of(*document, "running", true));
  EXPECT_TRUE(text_of(*document, "name").starts_with("unfenced-"));
}

TEST_F(CommandsTest, StopOfABuilderThatDoesNotRunSaysSo) {
  EXPECT_EQ(*run_builder_command({"stop"}, request_, never),
            "the private builder is not running\n");
}

TEST_F(CommandsTest, UnknownWordsAndBadNumbersAreUsage) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"bogus"},
                                                {"stop", "now"},
                                                {"supervise", "--idle", "0"},
                                                {"supervise", "--idle", "5x"},
                                                {"supervise", "--idel", "5"}}) {
    EXPECT_EQ(run_builder_command(words, request_, never).status().code(), Code::kInvalidArgument);
  }
}

TEST_F(CommandsTest, ADaemonThatEndsAtOnceIsAnErrorAndLeavesNothing) {
  auto run = run_builder_command({"supervise", "--idle", "1"}, request_, never);
  EXPECT_EQ(run.status().code(), Code::kUnavailable);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    EXPECT_NE(entry.path().filename(), "instance.json");
  }
}

TEST_F(CommandsTest, LogTailKeepsTheLastTwentyLines) {
  std::string log;
  for (int i = 1; i <= 50; ++i) {
    log += "line " + std::to_string(i) + "\n";
  }
  ASSERT_TRUE(write_file_atomic(folder_ / "log", log).ok());
  std::string tail = log_tail(folder_ / "log");
  EXPECT_TRUE(tail.starts_with("    line 31\n    line 32\n")) << tail;
  EXPECT_TRUE(tail.ends_with("\n    line 50")) << tail;
}

}  // namespace
}  // namespace ktl::builder
