#include "cli/render/log_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    std::string name = fs::temp_directory_path() / "ktl-log-XXXXXX";
    root_ = ::mkdtemp(name.data());
    fs::create_directories(root_ / "context");
  }
  ~LogFileTest() override { fs::remove_all(root_); }

  Result<std::shared_ptr<LogFile>> open(const fs::path& file) {
    return LogFile::open(file, root_ / "context",
                         [this](const std::string& line) { told_ += line; });
  }
  static std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path root_;
  std::string told_;
};

TEST_F(LogFileTest, AppendsForItsUserOnly) {
  for (const char* text : {"one\n", "two\n"}) {
    auto log = open(root_ / "new/log");
    ASSERT_TRUE(log.ok()) << log.status().to_string();
    (*log)->err(text);
    (*log)->out(".");
    EXPECT_FALSE((*log)->failed());
  }
  EXPECT_EQ(text_of(root_ / "new/log"), "one\n.two\n.");
  struct stat facts{};
  ASSERT_EQ(::stat((root_ / "new/log").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(LogFileTest, AFullDiskIsToldOnce) {
  auto log = open("/dev/full");
  ASSERT_TRUE(log.ok()) << log.status().to_string();
  (*log)->err("one\n");
  (*log)->err("two\n");
  EXPECT_TRUE((*log)->failed());
  EXPECT_NE(told_.find("No space left on device"), std::string::npos) << told_;
  EXPECT_EQ(std::count(told_.begin(), told_.end(), '\n'), 1);
}

TEST_F(LogFileTest, InsideTheContextNoLinkIsFollowed) {
  std::ofstream(root_ / "victim") << "precious";
  fs::create_symlink(root_ / "victim", root_ / "context/log");
  fs::create_directory_symlink(root_, root_ / "context/folder");
  fs::create_symlink(root_ / "nowhere", root_ / "context/dangling");
  for (const char* name : {"log", "folder/new", "folder/a/b", "dangling", "dangling/x"}) {
    auto log = open(root_ / "context" / name);
    EXPECT_FALSE(log.ok()) << name;
    EXPECT_EQ(log.status().code(), Code::kInvalidArgument);
  }
  EXPECT_EQ(text_of(root_ / "victim"), "precious");
  EXPECT_FALSE(fs::exists(root_ / "new") || fs::exists(root_ / "a") ||
               fs::exists(root_ / "nowhere"));
  EXPECT_TRUE(open(root_ / "context/logs/mine").ok());
}

TEST_F(LogFileTest, AFolderIsNoLogFile) {
  EXPECT_FALSE(open(root_).ok());
  EXPECT_FALSE(open(root_ / "context").ok());
}

}  // namespace
}  // namespace ktl::cli
