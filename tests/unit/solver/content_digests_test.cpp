#include "ledger/content_digests.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "filesync/tree_walk.h"

namespace ktl::solver {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMuch = 1 << 20;

// A folder as a session shows it to a builder, and the digests over it.
class ContentDigestsTest : public ::testing::Test {
 protected:
  ContentDigestsTest() {
    std::string name = ::testing::TempDir() + "ktl-content-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    write("a.txt", "a");
    write("b.txt", "b");
    write("dir/c.md", "c");
    write("dir/deep/d.txt", "d");
    fs::create_symlink("dir", root_ / "link");
  }
  ~ContentDigestsTest() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(root_ / path, text).ok());
  }

  // Lists the folder, then asks; the build began `later` nanoseconds from now.
  Result<std::string> digest(const ledger::Selection& selection, int64_t budget = kMuch,
                             int64_t later = kMuch * 1000) {
    SharedFolders folders;
    SharedFolder folder{*open_file(root_, O_RDONLY | O_DIRECTORY), {}};
    filesync::TreeWalk walk(folder.root.get(), *filesync::Filter::make({}, {}, {}));
    for (filesync::Entry entry; *walk.next(entry);) {
      folder.sent->add(entry);
    }
    folders.emplace("context", std::move(folder));
    if (listed_) {
      listed_();
    }
    FileDigests files(root_ / "../file-digests", budget);
    return ContentDigests(folders, files, system_clock().unix_ns() + later).digest_of(selection);
  }
  static ledger::Selection select(const std::string& path, bool wildcard = true) {
    return {.folder = "context", .path = path, .wildcard = wildcard, .include = {}, .exclude = {}};
  }
  // Whether changing `file` changes the digest of `selection`.
  bool covers(const ledger::Selection& selection, const std::string& file) {
    const std::string before = *digest(selection);
    const std::string text = *read_file(root_ / file, 100);
    write(file, text + "!");
    const std::string after = *digest(selection);
    write(file, text);
    EXPECT_EQ(*digest(selection), before);
    return before != after;
  }

  fs::path root_;
  std::function<void()> listed_;
};

TEST_F(ContentDigestsTest, CoversWhatIsSelectedAndNothingElse) {
  EXPECT_TRUE(covers(select("/"), "dir/deep/d.txt"));
  EXPECT_TRUE(covers(select("/a.txt"), "a.txt"));
  EXPECT_FALSE(covers(select("/a.txt"), "b.txt"));
  EXPECT_TRUE(covers(select("/dir"), "dir/deep/d.txt"));
  EXPECT_TRUE(covers(select("/dir/"), "dir/c.md"));
  EXPECT_FALSE(covers(select("/dir/deep"), "dir/c.md"));
  EXPECT_TRUE(covers(select("/*.txt"), "b.txt"));
  EXPECT_FALSE(covers(select("/*.txt"), "dir/deep/d.txt"));
  EXPECT_TRUE(covers(select("/d?r"), "dir/c.md"));
  EXPECT_FALSE(covers(select("/*.txt", false), "b.txt"));  // a name with a star in it
}

TEST_F(ContentDigestsTest, PatternsCountOnlyBelowOneFolder) {
  ledger::Selection selection = select("/dir");
  selection.exclude = {"*.md"};
  EXPECT_FALSE(covers(selection, "dir/c.md"));
  EXPECT_TRUE(covers(selection, "dir/deep/d.txt"));
  selection.path = "/d*";
  EXPECT_TRUE(covers(selection, "dir/c.md"));
}

TEST_F(ContentDigestsTest, WhatLeadsElsewhereIsAllOfTheFolder) {
  EXPECT_TRUE(covers(select("/link/c.md"), "a.txt"));
  EXPECT_TRUE(covers(select("/link"), "a.txt"));
  EXPECT_TRUE(covers(select("/dir/../a.txt"), "b.txt"));
}

TEST_F(ContentDigestsTest, ModesAndLinksAndNamesCount) {
  const std::string before = *digest(select("/"));
  ::chmod((root_ / "a.txt").c_str(), 0755);
  const std::string moded = *digest(select("/"));
  EXPECT_NE(moded, before);
  fs::remove(root_ / "link");
  fs::create_symlink("a.txt", root_ / "link");
  const std::string linked = *digest(select("/"));
  EXPECT_NE(linked, moded);
  fs::rename(root_ / "b.txt", root_ / "b2.txt");
  EXPECT_NE(*digest(select("/")), linked);
}

TEST_F(ContentDigestsTest, WhatMayHaveChangedHasNoDigest) {
  EXPECT_EQ(digest(select("/"), kMuch, 0).status().code(), Code::kFailedPrecondition);
  listed_ = [this] { write("a.txt", "A"); };
  EXPECT_EQ(digest(select("/a.txt")).status().code(), Code::kFailedPrecondition);
  EXPECT_TRUE(digest(select("/b.txt")).ok());
  listed_ = [this] {
    fs::remove(root_ / "a.txt");
    fs::create_symlink("/etc/hostname", root_ / "a.txt");
  };
  EXPECT_EQ(digest(select("/a.txt")).status().code(), Code::kFailedPrecondition);
}

TEST_F(ContentDigestsTest, BoundsAndStrangers) {
  EXPECT_EQ(digest(select("/"), 2).status().code(), Code::kResourceExhausted);
  ledger::Selection other = select("/");
  other.folder = "nobody";
  EXPECT_EQ(digest(other).status().code(), Code::kNotFound);
  ledger::Selection bad = select("/[");
  EXPECT_FALSE(digest(bad).ok());
}

class FileDigestsTest : public ::testing::Test {
 protected:
  FileDigestsTest() {
    std::string name = ::testing::TempDir() + "ktl-files-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    EXPECT_TRUE(write_file_atomic(folder_ / "file", "content").ok());
    root_ = *open_file(folder_, O_RDONLY | O_DIRECTORY);
  }
  ~FileDigestsTest() override { fs::remove_all(folder_); }

  SentFile listed() {
    filesync::Entry entry;
    EXPECT_TRUE(*filesync::read_entry(root_.get(), "file", "file", entry));
    return {.mode = entry.stat.mode,
            .size = entry.stat.size,
            .mtime_ns = entry.stat.mtime_ns,
            .ctime_ns = entry.ctime_ns,
            .device = entry.device,
            .inode = entry.inode};
  }
  Result<std::string> digest(int64_t budget, bool save = true) {
    FileDigests files(folder_ / "cache", budget);
    Result<std::string> found = files.digest_of(root_.get(), "file", listed());
    EXPECT_TRUE(!save || files.save().ok());
    return found;
  }

  fs::path folder_;
  UniqueFd root_;
};

TEST_F(FileDigestsTest, WhatIsKnownIsNotReadAgain) {
  EXPECT_EQ(*digest(100), digest_of("content"));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));  // it may change again within the clock's tick
  ::usleep(1'100'000);
  EXPECT_EQ(*digest(100), digest_of("content"));
  ASSERT_TRUE(fs::exists(folder_ / "cache"));
  EXPECT_EQ(*digest(0), digest_of("content"));
  ASSERT_TRUE(write_file_atomic(folder_ / "file", "changed").ok());
  EXPECT_EQ(digest(0).status().code(), Code::kResourceExhausted);
  EXPECT_EQ(*digest(100), digest_of("changed"));
}

TEST_F(FileDigestsTest, ABrokenCacheIsAnEmptyOne) {
  for (const char* text : {"", "nonsense", "ktl-file-digests/1\nshort"}) {
    ASSERT_TRUE(write_file_atomic(folder_ / "cache", text).ok());
    EXPECT_EQ(*digest(100, false), digest_of("content"));
  }
}

}  // namespace
}  // namespace ktl::solver
