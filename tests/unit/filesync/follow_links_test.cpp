#include "filesync/follow_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "filesync/temp_tree.h"

namespace ktl::filesync {
namespace {

using ::testing::ElementsAre;

// "." for everything, "!" and the reason for a failure.
std::vector<std::string> follow(const TempTree& tree, const std::vector<std::string>& paths) {
  auto found = follow_links(tree.root(), paths);
  if (!found.ok()) {
    return {"! " + found.status().message()};
  }
  return found->value_or(std::vector<std::string>{"."});
}

TEST(FollowLinks, ResolvesChains) {
  TempTree tree;
  tree.file("dir/foo");
  tree.symlink("foo", "dir/l1");
  tree.symlink("dir/l1", "l2");
  tree.file("bar");
  EXPECT_THAT(follow(tree, {"l2", "bar"}), ElementsAre("bar", "dir/foo", "dir/l1", "l2"));
  EXPECT_THAT(follow(tree, {"/dir/../bar"}), ElementsAre("bar"));
}

TEST(FollowLinks, EndsInCircles) {
  TempTree tree;
  tree.symlink("l1", "l1");
  tree.symlink("l2", "l3");
  tree.symlink("l3", "l2");
  tree.symlink("grow/x", "grow");
  EXPECT_THAT(follow(tree, {"l1", "l3"}), ElementsAre("l1", "l2", "l3"));
  EXPECT_THAT(follow(tree, {"grow"}), ElementsAre("grow"));
}

TEST(FollowLinks, NeverLeavesTheRoot) {
  TempTree tree;
  tree.file("baz");
  tree.symlink("/foo/bar/baz", "dir/l1");
  tree.symlink("../../../", "foo/bar");
  tree.symlink("../../../../etc/passwd", "out");
  EXPECT_THAT(follow(tree, {"dir/l1"}), ElementsAre("baz", "dir/l1", "foo/bar"));
  EXPECT_THAT(follow(tree, {"out"}), ElementsAre("etc/passwd", "out"));
  EXPECT_THAT(follow(tree, {"../../baz"}), ElementsAre("baz"));
}

TEST(FollowLinks, KeepsWhatIsNotThere) {
  TempTree tree;
  tree.file("file");
  EXPECT_THAT(follow(tree, {"foo/bar/baz", "bar/baz"}), ElementsAre("bar/baz", "foo/bar/baz"));
  EXPECT_THAT(follow(tree, {"f*/foo/t*"}), ElementsAre("f*/foo/t*"));
  EXPECT_THAT(follow(tree, {"file/x"}), ElementsAre("file/x"));
  EXPECT_THAT(follow(tree, {std::string(300, 'n')}), ElementsAre(std::string(300, 'n')));
}

TEST(FollowLinks, LeavesOutWhatLiesBelow) {
  TempTree tree;
  tree.file("foo/bar");
  tree.symlink("/foo", "dir/l1");
  tree.symlink("/", "dir/l2");
  EXPECT_THAT(follow(tree, {"foo/bar/baz", "foo/bar"}), ElementsAre("foo/bar"));
  EXPECT_THAT(follow(tree, {"dir/l1", "foo/bar"}), ElementsAre("dir/l1", "foo"));
  EXPECT_THAT(follow(tree, {"dir/l2", "foo"}), ElementsAre("."));
  EXPECT_THAT(follow(tree, {"."}), ElementsAre("."));
  EXPECT_THAT(follow(tree, {""}), ElementsAre("."));
}

TEST(FollowLinks, Wildcards) {
  TempTree tree;
  tree.file("foo/bar1");
  tree.file("foo/bar3");
  tree.file("baz");
  tree.symlink("../baz", "foo/bar2");
  tree.symlink("/foo/bar1", "dir/l1");
  tree.symlink("/foo/bar2", "dir/l2");
  tree.symlink("/foo/bar3", "dir/anotherlink");
  EXPECT_THAT(follow(tree, {"dir/l*"}), ElementsAre("baz", "dir/l*", "foo/bar1", "foo/bar2"));
  EXPECT_THAT(follow(tree, {"dir", "dir/*link"}), ElementsAre("dir", "foo/bar3"));
}

// fsutil follows a link once and so misses the second file behind it.
TEST(FollowLinks, FollowsALinkForEveryPathBehindIt) {
  TempTree tree;
  tree.file("target/a");
  tree.file("target/b");
  tree.symlink("target", "l");
  EXPECT_THAT(follow(tree, {"l/a", "l/b"}), ElementsAre("l", "target/a", "target/b"));
}

TEST(FollowLinks, IsBounded) {
  TempTree tree;
  tree.folder("d");
  for (int i = 0; i < 110; ++i) {
    tree.symlink("l*/x" + std::to_string(i), "l" + std::to_string(i));
  }
  EXPECT_THAT(follow(tree, {"l*"}), ElementsAre("! too many symlinks to follow"));
}

TEST(FollowLinks, NamesAFolderThatCannotBeSearched) {
  TempTree tree;
  tree.symlink("x", "secret/link");
  tree.folder("secret", 0);
  const OrdinaryUser user;
  EXPECT_THAT(follow(tree, {"secret/link"}),
              ElementsAre(R"(! cannot follow "secret/link": Permission denied)"));
  EXPECT_THAT(follow(tree, {"secret/*"}),
              ElementsAre(R"(! cannot open the folder "secret": Permission denied)"));
}

}  // namespace
}  // namespace ktl::filesync
