#include "builder/commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "builder/log.h"

namespace ktl::builder {
namespace {

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
      const bool program =
          std::string(name) == "KTL_BUILDKITD" || std::string(name) == "KTL_NSJAIL";
      return program ? "/bin/true" : "";
    };
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::string> run(const std::vector<std::string>& words) {
    OpenDisk none = [](const std::string&) -> Result<std::unique_ptr<Disk>> {
      return Status(Code::kUnavailable, "no disk");
    };
    return run_builder_command(words, request_, none, {});
  }
};

TEST_F(CommandsTest, InspectDescribesABuilderThatDoesNotRun) {
  auto text = run({"inspect", "--json", "--trust", "pr"});
  ASSERT_TRUE(text.ok()) << text.status().to_string();
  auto document = parse_json(*text);
  EXPECT_FALSE(bool_of(*document, "running", true));
  EXPECT_TRUE(text_of(*document, "name").starts_with("jailed-pr-"));
  EXPECT_TRUE(field_of(*document, "last_end")->is_null());
  EXPECT_NE(run({"inspect"})->find("internet: no address of this machine"), std::string::npos);
}

TEST_F(CommandsTest, StopOfABuilderThatDoesNotRunSaysSo) {
  EXPECT_EQ(*run({"stop"}), "the private builder is not running\n");
  EXPECT_EQ(*run({"stop", "--all"}), "there is no private builder\n");
  EXPECT_EQ(run({"stop", "--force", "--timeout", "3"}).status().code(), Code::kInvalidArgument);
}

TEST_F(CommandsTest, BadValuesAreUsage) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"supervise", "--idle", "0"},
        {"supervise", "--idle", "5x"},
        {"inspect", "--trust", "../x"},
        {"supervise", "--ready-fd", "1000"},
        {"prune", "--keep-storage", "many"}}) {
    EXPECT_EQ(run(words).status().code(), Code::kInvalidArgument) << words.back();
  }
}

TEST_F(CommandsTest, ACacheThatNeverWasIsEmpty) {
  auto document = parse_json(*run({"du", "--json"}));
  EXPECT_EQ(int_of(*document, "total", -1), 0);
  EXPECT_FALSE(std::filesystem::exists(home_for({}, true, folder_, folder_)->state));
}

TEST_F(CommandsTest, ADaemonThatEndsAtOnceIsAnErrorAndLeavesNothing) {
  auto started = run({"supervise", "--idle", "1"});
  EXPECT_EQ(started.status().code(), Code::kUnavailable);
  Home home = *home_for({}, true, folder_, folder_);
  EXPECT_FALSE(std::filesystem::exists(home.instance()));
  auto end = parse_json(*read_file(home.last_end(), 1 << 16));
  EXPECT_TRUE(bool_of(*end, "failed"));
  EXPECT_EQ(text_of(*end, "reason"), started.status().message());
  EXPECT_NE(run({"inspect"})->find("last end     20"), std::string::npos);
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
