#include "filesync/packet_batch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "filesync/receiver.h"

namespace ktl::filesync {
namespace {

void add_content(PacketBatch& batch, uint32_t id, std::string_view content) {
  std::ranges::copy(content, batch.data_room().begin());
  batch.add_data(id, content.size());
}

TEST(PacketBatch, KeepsMessagesApart) {
  PacketBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.add_stat({"a", 0644});
  batch.add("");
  add_content(batch, 7, "hello");
  add_content(batch, 0, "again");
  const auto messages = batch.messages();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(Fields::of(Fields::of(messages[0]).text(2)).text(1), "a");
  EXPECT_EQ(messages[1], "");
  EXPECT_EQ(messages[2], data_header(7, 5) + "hello");
  EXPECT_EQ(messages[3], data_header(0, 5) + "again");
}

TEST(PacketBatch, GrowsAndStartsAgain) {
  PacketBatch batch;
  const std::string large(1000000, 'x');
  batch.add("first");
  batch.add(large);
  EXPECT_TRUE(batch.full());
  ASSERT_EQ(batch.messages().size(), 2U);
  EXPECT_EQ(batch.messages()[0], "first");
  EXPECT_EQ(batch.messages()[1], large);
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(batch.full());
}

TEST(PacketBatch, IsFullOfManySmallOnes) {
  PacketBatch batch;
  for (int i = 0; i < 4096; ++i) {
    EXPECT_FALSE(batch.full());
    batch.add("");
  }
  EXPECT_TRUE(batch.full());
}

}  // namespace
}  // namespace ktl::filesync
