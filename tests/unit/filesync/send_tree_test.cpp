#include "filesync/send_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "filesync/receiver.h"
#include "filesync/temp_tree.h"

namespace ktl::filesync {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(SendTree, SendsEverything) {
  TempTree tree;
  tree.file("a/x", "one");
  tree.file("b", std::string(700000, 'b'));
  tree.file("empty");
  tree.hard_link("b", "c");
  tree.symlink("b", "l");
  Receiver receiver;
  Progress progress;
  const Status status = transfer({tree.root()}, receiver, &progress);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_TRUE(receiver.complete);
  EXPECT_THAT(lines(receiver.seen),
              ElementsAre("dir a", "file a/x", "file b", "hard:b c", "file empty", "link:b l"));
  EXPECT_THAT(receiver.contents, UnorderedElementsAre(Pair("a/x", "one"), Pair("empty", ""),
                                                      Pair("b", std::string(700000, 'b'))));
  EXPECT_EQ(receiver.seen[3].size, 700000);  // as fsutil says it of hard links too
  EXPECT_EQ(progress.entries, 6U);
  EXPECT_EQ(progress.files, 3U);
  EXPECT_EQ(progress.bytes, 700003U);
  EXPECT_TRUE(progress.notes.empty());
}

TEST(SendTree, SendsNoContentThatNobodyWants) {
  TempTree tree;
  tree.file("a", "1");
  tree.file("b", "2");
  Receiver receiver;
  receiver.wants = [](const Seen& seen) { return seen.path == "b"; };
  ASSERT_TRUE(transfer({tree.root()}, receiver).ok());
  EXPECT_THAT(receiver.contents, ElementsAre(Pair("b", "2")));
}

TEST(SendTree, FollowsPathsAndPatterns) {
  TempTree tree;
  tree.file("bar");
  tree.file("bax");
  tree.file("bay");
  tree.file("baz/one");
  tree.symlink("../bax", "baz/two");
  tree.symlink("/baz/one", "foo/l1");
  tree.symlink("/baz/two", "foo/l2");
  Receiver receiver;
  ASSERT_TRUE(transfer({tree.root(), {}, {}, {"foo/l*", "bar"}, {}}, receiver).ok());
  EXPECT_THAT(lines(receiver.seen),
              ElementsAre("file bar", "file bax", "dir baz", "file baz/one", "link:../bax baz/two",
                          "dir foo", "link:/baz/one foo/l1", "link:/baz/two foo/l2"));
  Receiver filtered;
  ASSERT_TRUE(transfer({tree.root(), {"ba?"}, {"baz"}, {}, {"bar"}}, filtered).ok());
  EXPECT_THAT(lines(filtered.seen), ElementsAre("file bax", "file bay"));
  Receiver everything;
  tree.symlink(".", "here");
  ASSERT_TRUE(transfer({tree.root(), {}, {}, {"here"}, {}}, everything).ok());
  EXPECT_EQ(everything.seen.size(), 10U);
}

TEST(SendTree, AFileThatVanishesIsEmpty) {
  TempTree tree;
  tree.file("a", "1");
  tree.file("b", "2");
  tree.file("c", "3");
  tree.socket("s");
  Receiver receiver;
  receiver.on_stat = [&tree](const Seen& seen) {
    if (seen.path == "a") {
      tree.remove("a");
      tree.remove("b");
      tree.fifo("b");
      tree.remove("c");
      tree.symlink("/etc/passwd", "c");
    }
  };
  Progress progress;
  ASSERT_TRUE(transfer({tree.root()}, receiver, &progress).ok());
  EXPECT_THAT(receiver.contents,
              ElementsAre(Pair("a", ""), Pair("b", ""), Pair("c", ""), Pair("s", "")));
  ASSERT_EQ(progress.notes.size(), 3U);
  EXPECT_EQ(progress.notes[2].path, "c");
  EXPECT_EQ(progress.notes[2].kind, TransferNote::Kind::kVanished);
  EXPECT_EQ(progress.files, 0U);
}

TEST(SendTree, AFileThatChangesIsSentAsRead) {
  TempTree tree;
  tree.file("a", "1");
  Receiver receiver;
  receiver.on_stat = [&tree](const Seen&) { tree.file("a", "longer"); };
  Progress progress;
  ASSERT_TRUE(transfer({tree.root()}, receiver, &progress).ok());
  EXPECT_THAT(receiver.contents, ElementsAre(Pair("a", "longer")));
  ASSERT_EQ(progress.notes.size(), 1U);
  EXPECT_EQ(progress.notes[0].kind, TransferNote::Kind::kChanged);
}

TEST(SendTree, AFileThatCannotBeReadIsAnError) {
  TempTree tree;
  tree.file("ok", "1");
  tree.file("se\ncret", "2", 0);
  Receiver receiver;
  const OrdinaryUser user;
  const Status status = transfer({tree.root()}, receiver);
  EXPECT_EQ(status.code(), Code::kPermissionDenied);
  EXPECT_EQ(status.message(), R"(cannot read "se\ncret": Permission denied)");
  EXPECT_EQ(status.next(), "make it readable or leave it out with .dockerignore");
  EXPECT_EQ(receiver.error, status.message());
  EXPECT_FALSE(receiver.complete);
  Receiver knows_it;
  knows_it.wants = [](const Seen&) { return false; };
  EXPECT_TRUE(transfer({tree.root()}, knows_it).ok());
}

TEST(SendTree, ABadPatternIsToldToBothSides) {
  TempTree tree;
  Receiver receiver;
  const Status status = transfer({tree.root(), {}, {"a["}, {}, {}}, receiver);
  EXPECT_EQ(status.message(), R"(.dockerignore: bad pattern "a[": "[" without its "]")");
  EXPECT_EQ(receiver.error, status.message());
}

TEST(SendTree, EndsWhenTheReceiverDoes) {
  TempTree tree;
  tree.file("a", "1");
  Receiver gone;
  gone.hang_up = true;
  EXPECT_EQ(transfer({tree.root()}, gone).code(), Code::kUnavailable);
  Receiver failing;
  failing.last_word = "\x08\x04\x22\x07no room";
  const Status status = transfer({tree.root()}, failing);
  EXPECT_EQ(status.code(), Code::kAborted);
  EXPECT_EQ(status.message(), R"(the builder could not take the files: "no room")");
  EXPECT_EQ(failing.error, "");
  Receiver confused;
  confused.last_word = "\x08\x02";
  EXPECT_EQ(transfer({tree.root()}, confused).code(), Code::kDataLoss);
  Receiver greedy;
  greedy.last_word = std::string("\x08\x01\x18\x00", 4);
  EXPECT_EQ(transfer({tree.root()}, greedy).code(), Code::kDataLoss);
}

TEST(SendTree, StopsWhenCancelled) {
  TempTree tree;
  tree.file("a", "1");
  Receiver receiver;
  receiver.last_word.reset();
  int asked = 0;
  const Status status =
      send_tree({tree.root()}, receiver, receiver, [&asked] { return ++asked > 9; }, nullptr);
  EXPECT_EQ(status.code(), Code::kCancelled);
  EXPECT_EQ(receiver.contents.size(), 1U);
  Receiver early;
  EXPECT_EQ(send_tree(
                {tree.root()}, early, early, [] { return true; }, nullptr)
                .code(),
            Code::kCancelled);
  EXPECT_EQ(early.error, "file transfer cancelled");
}

class BrokenSink final : public PacketSink {
 public:
  Status send(std::string_view) override { return Status(Code::kUnavailable, "broken pipe"); }
};

TEST(SendTree, StopsWhenTheStreamBreaks) {
  TempTree tree;
  BrokenSink sink;
  Receiver silent;
  EXPECT_EQ(send_tree(
                {tree.root()}, sink, silent, [] { return false; }, nullptr)
                .message(),
            "broken pipe");
}

// Counts bytes and keeps none.
class Counter final : public PacketSink {
 public:
  Status send(std::string_view message) override {
    bytes += message.size();
    largest = std::max(largest, message.size());
    return message.empty() ? asked.send({}) : Status();
  }
  Receiver asked;
  size_t bytes = 0;
  size_t largest = 0;
};

TEST(SendTree, AHugeFileTakesNoMemory) {
  constexpr int64_t kSize = int64_t{512} << 20;
  TempTree tree;
  tree.file("sparse");
  ASSERT_EQ(::truncate(tree.path("sparse").c_str(), kSize), 0);
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  Counter counter;
  counter.asked.last_word = std::string("\x08\x01\x18\x00", 4);
  const Status status = send_tree(
      {tree.root()}, counter, counter.asked, [&counter] { return counter.bytes > kSize; }, nullptr);
  EXPECT_EQ(status.code(), Code::kCancelled);
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 8 << 10);
  EXPECT_LE(counter.largest, kDataChunk + 16);
}

}  // namespace
}  // namespace ktl::filesync
