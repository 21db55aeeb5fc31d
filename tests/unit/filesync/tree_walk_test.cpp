#include "filesync/tree_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "filesync/receiver.h"
#include "filesync/send_tree.h"
#include "filesync/temp_tree.h"

namespace ktl::filesync {
namespace {

using ::testing::ElementsAre;
using Patterns = std::vector<std::string>;

// One line for each entry; the last starts with "!" when the walk failed.
Patterns walk(const TempTree& tree, const Patterns& include = {}, const Patterns& exclude = {},
              const Patterns& excluded = {}) {
  Patterns out;
  auto filter = Filter::make(include, exclude, excluded);
  EXPECT_TRUE(filter.ok()) << filter.status().to_string();
  TreeWalk walk(tree.root(), *std::move(filter));
  Entry entry;
  auto found = walk.next(entry);
  for (; found.ok() && *found; found = walk.next(entry)) {
    out.push_back(line({entry.stat.path, entry.stat.mode, 0, 0, entry.stat.linkname}));
  }
  if (!found.ok()) {
    out.push_back("! " + found.status().message());
  }
  return out;
}

TEST(TreeWalk, GoesDepthFirstByBytes) {
  TempTree tree;
  tree.file("a/b");
  tree.file("a/c/d");
  tree.file("a-b");
  tree.file("a.b");
  tree.symlink("a/b", "B");
  tree.fifo("p");
  tree.socket("s");
  EXPECT_THAT(walk(tree), ElementsAre("link:a/b B", "dir a", "file a/b", "dir a/c", "file a/c/d",
                                      "file a-b", "file a.b", "other p", "file s"));
  EXPECT_EQ(walk(tree), walk(tree));  // the root's descriptor serves several walks
}

TEST(TreeWalk, ParentsComeWithTheFirstThingInThem) {
  TempTree tree;
  tree.file("bar/foo");
  tree.file("bar/sub/deep/x.go");
  tree.file("baz/y");
  tree.file("foo2");
  EXPECT_THAT(walk(tree, {"bar/f*"}), ElementsAre("dir bar", "file bar/foo"));
  EXPECT_THAT(walk(tree, {"bar/g*"}), ElementsAre());
  EXPECT_THAT(walk(tree, {"**/*.go"}),
              ElementsAre("dir bar", "dir bar/sub", "dir bar/sub/deep", "file bar/sub/deep/x.go"));
  EXPECT_THAT(walk(tree, {"b*/"}, {"bar/sub"}),
              ElementsAre("dir bar", "file bar/foo", "dir baz", "file baz/y"));
}

TEST(TreeWalk, ExceptionsBringParentsBack) {
  TempTree tree;
  tree.file("bar");
  tree.file("foo/bar2");
  tree.file("foo/other");
  tree.file("foo2");
  EXPECT_THAT(walk(tree, {}, {"foo*", "!foo/bar2"}),
              ElementsAre("file bar", "dir foo", "file foo/bar2"));
  EXPECT_THAT(walk(tree, {}, {"**", "!**/bar*"}),
              ElementsAre("file bar", "dir foo", "file foo/bar2"));
}

TEST(TreeWalk, LeavesOutWhatKtlWrites) {
  TempTree tree;
  tree.file("out/image.tar");
  tree.file("out/keep");
  tree.file("log/a");
  EXPECT_THAT(walk(tree, {}, {}, {"out/image.tar", "log"}),
              ElementsAre("dir out", "file out/keep"));
}

TEST(TreeWalk, TheFirstNameThatIsSentIsTheFile) {
  TempTree tree;
  tree.file("a/one", "x");
  tree.hard_link("a/one", "b");
  tree.hard_link("a/one", "c");
  tree.symlink("x", "l1");
  tree.hard_link("l1", "l2");
  EXPECT_THAT(walk(tree), ElementsAre("dir a", "file a/one", "hard:a/one b", "hard:a/one c",
                                      "link:x l1", "link:x l2"));
  EXPECT_THAT(walk(tree, {}, {"a", "l*"}), ElementsAre("file b", "hard:b c"));
}

TEST(TreeWalk, FollowsNoLink) {
  TempTree tree;
  tree.symlink("..", "up");
  tree.symlink(".", "self");
  tree.symlink("/", "root");
  tree.symlink("loop", "loop");
  EXPECT_THAT(walk(tree),
              ElementsAre("link:loop loop", "link:/ root", "link:. self", "link:.. up"));
}

TEST(TreeWalk, TakesAnyName) {
  TempTree tree;
  tree.file("a\nb");
  tree.file("caf\xE9");
  tree.file("!x");
  EXPECT_THAT(walk(tree), ElementsAre("file !x", "file a\nb", "file caf\xE9"));
  EXPECT_THAT(walk(tree, {}, {"caf*", "a*b"}), ElementsAre("file !x"));
}

TEST(TreeWalk, LeavesOutWhatVanishes) {
  TempTree tree;
  tree.file("a");
  tree.file("b/c");
  tree.file("d");
  TreeWalk walk(tree.root(), *Filter::make({}, {}, {}));
  Entry entry;
  ASSERT_TRUE(*walk.next(entry));
  tree.remove("b");
  ASSERT_TRUE(*walk.next(entry));
  EXPECT_EQ(entry.stat.path, "d");
}

TEST(TreeWalk, NamesAFolderThatCannotBeListed) {
  TempTree tree;
  tree.file("foo/bar/x");
  tree.folder("foo/bar", 0);
  const OrdinaryUser user;
  EXPECT_THAT(walk(tree), ElementsAre("dir foo", R"(! cannot open the folder "foo/bar": )"
                                                 "Permission denied"));
  EXPECT_THAT(walk(tree, {}, {"**/bar"}), ElementsAre("dir foo"));
  EXPECT_THAT(walk(tree, {}, {"**/bar", "!foo/bar/baz"}), ElementsAre("dir foo"));
  EXPECT_THAT(walk(tree, {"foo", "!**/bar"}), ElementsAre("dir foo"));
}

TEST(TreeWalk, IsNotEndless) {
  TempTree tree;
  std::string path = "d";
  for (int i = 0; i < kMaxDepth; ++i) {
    path += "/d";
  }
  tree.folder(path);
  const Patterns found = walk(tree);
  EXPECT_EQ(found.size(), static_cast<size_t>(kMaxDepth) + 1);
  EXPECT_THAT(found.back(), ::testing::StartsWith("! folders inside each other are too deep at "));
}

}  // namespace
}  // namespace ktl::filesync
