#include "filesync/tree_sender.h"

#include <gtest/gtest.h>

#include "filesync/receiver.h"
#include "filesync/temp_tree.h"

namespace ktl::filesync {
namespace {

struct Sending {
  TempTree tree;
  Progress progress;
  PacketBatch batch;

  TreeSender sender() {
    auto made = TreeSender::make({tree.root()}, progress);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return *std::move(made);
  }
  // The messages of one round, decoded.
  std::vector<Fields> round(TreeSender& sender, TreeSender::State expected) {
    batch.clear();
    auto state = sender.produce(batch);
    EXPECT_TRUE(state.ok()) << state.status().to_string();
    EXPECT_EQ(*state, expected);
    std::vector<Fields> out;
    for (const std::string_view message : batch.messages()) {
      out.push_back(Fields::of(message));
    }
    return out;
  }
};

TEST(TreeSender, SpeaksTheProtocol) {
  Sending setup;
  setup.tree.file("a", "hello");
  TreeSender sender = setup.sender();
  auto packets = setup.round(sender, TreeSender::State::kIdle);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_TRUE(packets[0].bytes.contains(2));
  EXPECT_TRUE(packets[1].bytes.empty() && packets[1].numbers.empty());
  sender.ask(0);
  packets = setup.round(sender, TreeSender::State::kIdle);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].text(4), "hello");
  EXPECT_EQ(packets[1].number(1), 2U);
  EXPECT_EQ(packets[1].text(4), "");
  sender.finish();
  packets = setup.round(sender, TreeSender::State::kDone);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].number(1), 3U);
}

TEST(TreeSender, ContentGoesBeforeFurtherStats) {
  Sending setup;
  for (int i = 0; i < 4200; ++i) {
    setup.tree.file("dir/" + std::string(10, 'f') + std::to_string(i));
  }
  TreeSender sender = setup.sender();
  const auto first = setup.round(sender, TreeSender::State::kMore);
  EXPECT_LT(first.size(), 4200U);
  sender.ask(1);
  const auto second = setup.round(sender, TreeSender::State::kIdle);
  EXPECT_EQ(second[0].number(1), 2U);
  EXPECT_TRUE(second[1].bytes.contains(2));
}

TEST(TreeSender, ALargeFileComesInChunks) {
  Sending setup;
  setup.tree.file("a", std::string(kDataChunk + 10, 'x'));
  TreeSender sender = setup.sender();
  setup.round(sender, TreeSender::State::kIdle);
  sender.ask(0);
  auto packets = setup.round(sender, TreeSender::State::kMore);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].text(4).size(), kDataChunk);
  packets = setup.round(sender, TreeSender::State::kIdle);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].text(4).size(), 10U);
}

TEST(TreeSender, RefusesNumbersThatAreNone) {
  Sending setup;
  setup.tree.folder("dir");
  TreeSender sender = setup.sender();
  setup.round(sender, TreeSender::State::kIdle);
  sender.ask(0);
  EXPECT_EQ(sender.produce(setup.batch).status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace ktl::filesync
