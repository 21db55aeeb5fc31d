#include "core/plugins/index.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/sha256.h"
#include "host/rig.h"

namespace ktl {
namespace {

// Long after whatever the test has just written.
class LaterClock : public Clock {
 public:
  [[nodiscard]] int64_t monotonic_ns() const override { return system_clock().monotonic_ns(); }
  [[nodiscard]] int64_t unix_ns() const override {
    return system_clock().unix_ns() + 3'600'000'000'000;
  }
};

class IndexTest : public testing::Test {
 protected:
  IndexTest() { folder_.copy("block-scan", "a.so"); }

  Result<KnownPlugin> look(PluginIndex& index, const std::string& name = "a.so") const {
    auto file = open_file(folder_ / name, O_RDONLY);
    EXPECT_TRUE(file.ok());
    return index.look(file->get());
  }
  // The index after one run that saw a.so.
  void fill() const {
    PluginIndex index(file_, later_);
    ASSERT_TRUE(look(index).ok());
    ASSERT_TRUE(index.save().ok());
  }
  [[nodiscard]] std::string text() const { return *read_file(file_, 4U << 20U); }
  // Replaces what the index says of the hash, to see whether it is asked.
  void lie() const {
    std::string lying = text();
    lying.replace(lying.find("\"sha256\":\"") + 10, 64, std::string(64, '7'));
    folder_.write("cache/index.json", lying);
  }

  TempFolder folder_;
  LaterClock later_;
  std::filesystem::path file_ = folder_ / "cache/index.json";
};

TEST_F(IndexTest, AFileIsReadAndHashedOnce) {
  fill();
  lie();
  PluginIndex index(file_, later_);
  auto known = look(index);
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->manifest.id, "test.block-scan");
  EXPECT_EQ(known->sha256, std::string(64, '7'));
  EXPECT_EQ(index.warning(), "");
}

TEST_F(IndexTest, WhatAnotherKtlJudgedIsJudgedAgain) {
  fill();
  lie();
  std::string other = text();
  other.replace(other.find("\"rules\":\"") + 9, 4, "beef");
  folder_.write("cache/index.json", other);
  PluginIndex index(file_, later_);
  auto known = look(index);
  ASSERT_TRUE(known.ok());
  EXPECT_NE(known->sha256, std::string(64, '7'));
  EXPECT_EQ(index.warning(), "");
}

TEST_F(IndexTest, AFileThatChangesIsReadAgain) {
  fill();
  lie();
  int fd = open((folder_ / "a.so").c_str(), O_WRONLY | O_APPEND);
  ASSERT_EQ(write(fd, "x", 1), 1);
  close(fd);
  PluginIndex index(file_, later_);
  EXPECT_EQ(look(index)->sha256, sha256_hex(*read_file(folder_ / "a.so", 64U << 20U)));
  // Same size, and the time of the last change set back: ctime tells.
  fill();
  lie();
  std::array<timespec, 2> old{};
  ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / "a.so").c_str(), old.data(), 0), 0);
  PluginIndex again(file_, later_);
  EXPECT_NE(look(again)->sha256, std::string(64, '7'));
}

TEST_F(IndexTest, AFileThatHasJustChangedIsNotRemembered) {
  PluginIndex index(file_);
  ASSERT_TRUE(look(index).ok());
  ASSERT_TRUE(index.save().ok());
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(IndexTest, NothingIsWrittenWhenNothingIsNew) {
  fill();
  auto before = std::filesystem::last_write_time(file_);
  std::filesystem::last_write_time(file_, before - std::chrono::hours(1));
  fill();
  EXPECT_LT(std::filesystem::last_write_time(file_), before);
  EXPECT_EQ(std::filesystem::status(file_).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(std::filesystem::status(folder_ / "cache").permissions(), std::filesystem::perms(0700));
}

TEST_F(IndexTest, WhatOthersCanChangeIsNotBelieved) {
  fill();
  lie();
  chmod(file_.c_str(), 0620);
  PluginIndex index(file_, later_);
  EXPECT_EQ(index.warning(),
            "the index of plugins is made anew: " + file_.native() + " can be changed by others");
  EXPECT_NE(look(index)->sha256, std::string(64, '7'));
  ASSERT_TRUE(index.save().ok());
  EXPECT_EQ(PluginIndex(file_, later_).warning(), "");

  chmod((folder_ / "cache").c_str(), 0777);
  EXPECT_NE(PluginIndex(file_, later_).warning(), "");
}

TEST_F(IndexTest, ALinkIsNoIndex) {
  fill();
  std::filesystem::rename(file_, folder_ / "cache/other.json");
  std::filesystem::create_symlink("other.json", file_);
  EXPECT_NE(PluginIndex(file_, later_).warning(), "");
}

TEST_F(IndexTest, NonsenseIsMadeAnew) {
  fill();
  std::string good = text();
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), std::string(R"({"schema":"ktl.plugin-index/1"})"),
        good.substr(0, good.size() / 2), std::string(5U << 20U, ' '),
        good.substr(0, good.size() - 1) + R"(,"more":1})"}) {
    folder_.write("cache/index.json", bad);
    PluginIndex index(file_, later_);
    EXPECT_NE(index.warning(), "") << bad.substr(0, 60);
    EXPECT_EQ(look(index)->manifest.id, "test.block-scan");
  }
}

// An entry that looks like one and holds no manifest.
TEST_F(IndexTest, AManifestWithoutItsMembersIsReadAgain) {
  fill();
  std::string bad = text();
  bad.replace(bad.find("\"config\""), 8, "\"konfig\"");
  folder_.write("cache/index.json", bad);
  PluginIndex index(file_, later_);
  EXPECT_EQ(index.warning(), "");
  EXPECT_EQ(look(index)->manifest.id, "test.block-scan");
}

TEST_F(IndexTest, AManifestWithMembersOfAnotherKindIsReadAgain) {
  fill();
  for (const char* member : {"flags", "commands"}) {
    json::value bad = *parse_json(text());
    bad.at("files").at(0).at("manifest").as_object()[member] = "all of them";
    folder_.write("cache/index.json", json::serialize(bad));
    PluginIndex index(file_, later_);
    EXPECT_EQ(look(index)->manifest.id, "test.block-scan") << member;
  }
}

TEST_F(IndexTest, StampsAndHashesAreJudged) {
  fill();
  const json::value good = *parse_json(text());
  const std::pair<const char*, std::string> kBad[] = {{"stamp", "1:2:3:4:x"},
                                                      {"stamp", std::string(129, '1')},
                                                      {"sha256", std::string(64, 'G')},
                                                      {"sha256", std::string(63, '7')},
                                                      {"more", "1"}};
  for (const auto& [member, value] : kBad) {
    json::value bad = good;
    bad.at("files").at(0).as_object()[member] = value;
    folder_.write("cache/index.json", json::serialize(bad));
    EXPECT_NE(PluginIndex(file_, later_).warning(), "") << member << " " << value;
  }
}

TEST_F(IndexTest, WithoutAFileNothingIsHashed) {
  PluginIndex index;
  EXPECT_EQ(look(index)->sha256, "");
  EXPECT_TRUE(index.save().ok());
}

}  // namespace
}  // namespace ktl
