#include "filesync/disk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "filesync/temp_tree.h"

namespace ktl::filesync {
namespace {

TEST(Disk, QuotesWhatWouldNotShow) {
  EXPECT_EQ(quoted_path("a b/\u00E9"), "\"a b/\u00E9\"");
  EXPECT_EQ(quoted_path("a\nb\x1B\xE9\x7F\"\\"), R"("a\nb\x1b\xe9\x7f\"\\")");
}

TEST(Disk, OpensNothingThroughALink) {
  TempTree tree;
  tree.file("dir/file");
  tree.symlink("dir", "link");
  tree.symlink("/etc/passwd", "out");
  EXPECT_TRUE(open_plain(tree.root(), "dir/file", O_RDONLY).valid());
  for (const char* path : {"link/file", "out", "dir/../../x", "/etc/passwd"}) {
    EXPECT_FALSE(open_plain(tree.root(), path, O_RDONLY).valid()) << path;
  }
}

TEST(Disk, ListsByBytes) {
  TempTree tree;
  for (const char* name : {"b", "a", "\xFF", "B", "a-b", "\u00E9", ".x", "a\nb"}) {
    tree.file(name);
  }
  tree.folder("dir");
  auto names = list_folder(tree.root(), ".");
  ASSERT_TRUE(names.ok());
  std::vector<std::string> text;
  for (const Name& name : *names) {
    text.push_back(name.name);
  }
  EXPECT_THAT(text,
              ::testing::ElementsAre(".x", "B", "a", "a\nb", "a-b", "b", "dir", "\u00E9", "\xFF"));
}

TEST(Disk, ReadsAnEntry) {
  TempTree tree;
  tree.file("f", "hello", 0640);
  tree.hard_link("f", "g");
  tree.xattr("f", "user.one", "1");
  tree.xattr("f", "user.two", std::string("\0\xFF", 2));
  const timespec times[2] = {{1, 0}, {-1, 500}};
  ASSERT_EQ(::utimensat(tree.root(), "f", times, 0), 0);
  Entry entry;
  auto there = read_entry(tree.root(), "f", "f", entry);
  ASSERT_TRUE(there.ok() && *there);
  EXPECT_EQ(entry.stat.mode, 0640U);
  EXPECT_EQ(entry.stat.size, 5);
  EXPECT_EQ(entry.stat.mtime_ns, -1000000000 + 500);
  EXPECT_EQ(entry.links, 2U);
  EXPECT_THAT(entry.stat.xattrs,
              ::testing::ElementsAre(std::pair("user.one", "1"),
                                     std::pair("user.two", std::string("\0\xFF", 2))));
}

TEST(Disk, ReadsLinksFoldersAndDevices) {
  TempTree tree;
  tree.symlink("to/where", "l");
  tree.folder("d", 0700);
  tree.fifo("p");
  Entry entry;
  ASSERT_TRUE(read_entry(tree.root(), "l", "l", entry).ok());
  EXPECT_EQ(entry.stat.linkname, "to/where");
  EXPECT_EQ(entry.stat.size, 8);
  ASSERT_TRUE(read_entry(tree.root(), "p", "p", entry).ok());
  EXPECT_EQ(entry.stat.mode, (1U << 25U) | 0644U);
  EXPECT_EQ(entry.stat.linkname, "");
  const UniqueFd folder = open_plain(tree.root(), "d", O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(read_entry(folder.get(), "", "d", entry).ok());
  EXPECT_EQ(entry.stat.mode, kGoFolder | 0700U);
  EXPECT_EQ(entry.stat.size, 0);
  const UniqueFd dev(::open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(read_entry(dev.get(), "null", "null", entry).ok());
  EXPECT_EQ(entry.stat.devmajor, 1);
  EXPECT_EQ(entry.stat.devminor, 3);
}

TEST(Disk, SaysWhatIsGoneAndWhatIsTooMuch) {
  TempTree tree;
  Entry entry;
  auto there = read_entry(tree.root(), "nothing", "nothing", entry);
  ASSERT_TRUE(there.ok());
  EXPECT_FALSE(*there);
  const Status failure = disk_failure("read", "a\nb", EACCES);
  EXPECT_EQ(failure.code(), Code::kPermissionDenied);
  EXPECT_EQ(failure.message(), R"(cannot read "a\nb": Permission denied)");
  EXPECT_EQ(failure.next(), "make it readable or leave it out with .dockerignore");
}

}  // namespace
}  // namespace ktl::filesync
