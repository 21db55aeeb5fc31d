#include "filesync/packet.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "filesync/receiver.h"

namespace ktl::filesync {
namespace {

TEST(Packet, CarriesAStat) {
  Stat stat = {"a/b", 0644, 300, -1, "to", 8, 1, {{"user.x", "1"}, {"user.y", ""}}};
  std::string message;
  append_stat(stat, message);
  const Seen seen = Seen::of(Fields::of(Fields::of(message).text(2)));
  EXPECT_EQ(seen.path, "a/b");
  EXPECT_EQ(seen.mode, 0644U);
  EXPECT_EQ(seen.size, 300);
  EXPECT_EQ(seen.mtime_ns, -1);
  EXPECT_EQ(seen.linkname, "to");
  EXPECT_EQ(seen.devmajor, 8U);
  EXPECT_EQ(seen.devminor, 1U);
  EXPECT_EQ(seen.xattrs, (std::map<std::string, std::string>{{"user.x", "1"}, {"user.y", ""}}));
}

TEST(Packet, StartsData) {
  EXPECT_EQ(data_header(300, 5), std::string("\x08\x02\x18\xAC\x02\x22\x05", 7));
  EXPECT_EQ(data_header(0, 0), std::string("\x08\x02"));
  EXPECT_LE(data_header(0xFFFFFFFF, 0x10000000).size(), kMaxDataHeader);
}

TEST(Packet, ReadsWhatTheReceiverSays) {
  auto packet = parse_packet(std::string_view("\x08\x01\x18\xAC\x02", 5));
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->type, PacketType::kReq);
  EXPECT_EQ(packet->id, 300U);
  const std::string failure = err_packet("no room");
  packet = parse_packet(failure);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->type, PacketType::kErr);
  EXPECT_EQ(packet->data, "no room");
  // A Stat and fields of a later version are skipped.
  EXPECT_TRUE(parse_packet("\x12\x01x\x51"
                           "12345678"
                           "\x5D"
                           "1234"
                           "\x08\x03")
                  .ok());
}

TEST(Packet, RefusesWhatIsNone) {
  for (const std::string_view message :
       {"\x08", "\x08\x05", "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
        "\x22\x05"
        "abcd",
        "\x0B",
        "\x51"
        "1234567",
        "\x5D"
        "123",
        "\x07"}) {
    EXPECT_EQ(parse_packet(message).status().code(), Code::kDataLoss) << message;
  }
  EXPECT_EQ(parse_packet(std::string_view("\0\0", 2)).status().message(), "bad packet: field 0");
}

TEST(Packet, SaysModesAsGoDoes) {
  EXPECT_EQ(go_mode(S_IFREG | 0644), 0644U);
  EXPECT_EQ(go_mode(S_IFDIR | S_ISVTX | 0777), (1U << 31U) | (1U << 20U) | 0777U);
  EXPECT_EQ(go_mode(S_IFREG | S_ISUID | S_ISGID | 0755), (1U << 23U) | (1U << 22U) | 0755U);
  EXPECT_EQ(go_mode(S_IFLNK | 0777), (1U << 27U) | 0777U);
  EXPECT_EQ(go_mode(S_IFBLK | 0600), (1U << 26U) | 0600U);
  EXPECT_EQ(go_mode(S_IFCHR | 0600), (1U << 26U) | (1U << 21U) | 0600U);
  EXPECT_EQ(go_mode(S_IFIFO | 0600), (1U << 25U) | 0600U);
  EXPECT_EQ(go_mode(S_IFSOCK | 0600), 0600U);
}

}  // namespace
}  // namespace ktl::filesync
