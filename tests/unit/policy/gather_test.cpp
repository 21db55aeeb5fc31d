#include "gather.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::policy {
namespace {

namespace fs = std::filesystem;

class Gather : public ::testing::Test {
 protected:
  Gather() { fs::create_directories(root_); }
  ~Gather() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text = "package x\n") const {
    ASSERT_TRUE(write_file_atomic(root_ / name, text).ok());
  }
  [[nodiscard]] std::string names(Tests tests) const {
    const auto unit = gather(root_, tests, {});
    std::string names;
    for (const json::value& file : unit.ok() ? unit->at("files").as_array() : json::array()) {
      names += std::string(text_of(file, "path")).substr(root_.native().size()) + " ";
    }
    return unit.ok() ? names : unit.status().message();
  }

  const fs::path root_ = fs::temp_directory_path() / ("gather-" + std::to_string(::getpid()));
};

TEST_F(Gather, TakesRulesAndData) {
  for (const char* name : {"b.rego", "a/data.json", "a/other.json", "b_test.rego", ".git/c.rego"}) {
    write(name);
  }
  EXPECT_EQ(names(Tests::kLeftOut), "/a/data.json /b.rego ");
  EXPECT_EQ(names(Tests::kTaken), "/a/data.json /b.rego /b_test.rego ");
}

TEST_F(Gather, FollowsLinksBelowAndNoOthers) {
  write("a.rego");
  fs::create_symlink("a.rego", root_ / "b.rego");
  EXPECT_EQ(names(Tests::kLeftOut), "/a.rego /b.rego ");
  fs::create_symlink("/etc/passwd", root_ / "c.rego");
  EXPECT_EQ(names(Tests::kLeftOut), "it is no file of this folder that can be read");
  fs::remove(root_ / "c.rego");
  fs::create_directory_symlink(".", root_ / "loop");
  EXPECT_EQ(names(Tests::kLeftOut), "a link to a folder is not followed");
}

TEST_F(Gather, AHostileFileIsNoLink) {
  write("a.rego");
  fs::create_symlink("a.rego", root_ / "b.rego");
  EXPECT_TRUE(gather(root_ / "b.rego", Tests::kLeftOut, {}).ok());
  EXPECT_FALSE(gather(root_ / "b.rego", Tests::kLeftOut, {}, true).ok());
}

TEST_F(Gather, TheNetworkNeedsADigest) {
  const Fetch fetch = [](const std::string&, size_t) { return Result<std::string>("bytes"); };
  const std::string right = sha256_hex("bytes");
  auto code = [&](const std::string& word) {
    return gather(word, Tests::kLeftOut, fetch).status().code();
  };
  EXPECT_EQ(code("https://h/a.rego"), Code::kInvalidArgument);
  EXPECT_EQ(code("https://h/a.rego@sha256:" + std::string(64, '0')), Code::kInvalidArgument);
  EXPECT_EQ(code("https://h/a.rego@sha256:" + right), Code::kOk);
}

}  // namespace
}  // namespace ktl::policy
