#include "filesync/packet.h"

#include <sys/stat.h>

#include <array>

namespace ktl::filesync {
namespace {

// Protobuf's wire types (https://protobuf.dev/programming-guides/encoding/).
enum Wire : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr uint32_t kTypeField = 1;
constexpr uint32_t kStatField = 2;
constexpr uint32_t kIdField = 3;
constexpr uint32_t kDataField = 4;

// Fields of a Stat.
constexpr uint32_t kPathField = 1;
constexpr uint32_t kModeField = 2;
constexpr uint32_t kSizeField = 5;
constexpr uint32_t kMtimeField = 6;
constexpr uint32_t kLinknameField = 7;

void append_varint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

size_t varint_size(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7U) {
    ++size;
  }
  return size;
}

void append_tag(uint32_t field, Wire wire, std::string& out) {
  append_varint((field << 3U) | wire, out);
}

// Zero is the default and not sent; negative numbers take ten bytes, as int64 has it.
void append_number(uint32_t field, int64_t value, std::string& out) {
  if (value != 0) {
    append_tag(field, kVarint, out);
    append_varint(static_cast<uint64_t>(value), out);
  }
}

void append_bytes(uint32_t field, std::string_view bytes, std::string& out) {
  append_tag(field, kBytes, out);
  append_varint(bytes.size(), out);
  out += bytes;
}

void append_xattr(const std::pair<std::string, std::string>& xattr, std::string& out) {
  const auto& [name, value] = xattr;
  append_tag(10, kBytes, out);
  append_varint(
      2 + varint_size(name.size()) + name.size() + varint_size(value.size()) + value.size(), out);
  append_bytes(1, name, out);
  append_bytes(2, value, out);
}

void append_stat_fields(const Stat& stat, std::string& out) {
  append_bytes(kPathField, stat.path, out);
  append_number(kModeField, stat.mode, out);
  append_number(kSizeField, stat.size, out);
  append_number(kMtimeField, stat.mtime_ns, out);
  if (!stat.linkname.empty()) {
    append_bytes(kLinknameField, stat.linkname, out);
  }
  append_number(8, stat.devmajor, out);
  append_number(9, stat.devminor, out);
  for (const auto& xattr : stat.xattrs) {
    append_xattr(xattr, out);
  }
}

Status broken(const char* what) {
  return Status(Code::kDataLoss, std::string("bad packet: ") + what);
}

Result<uint64_t> read_varint(std::string_view& rest) {
  uint64_t value = 0;
  for (size_t i = 0; i < rest.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    value |= static_cast<uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      rest.remove_prefix(i + 1);
      return value;
    }
  }
  return broken("a number without its end");
}

Result<std::string_view> read_bytes(std::string_view& rest) {
  KTL_ASSIGN(const uint64_t size, read_varint(rest));
  if (size > rest.size()) {
    return broken("shorter than it says");
  }
  const std::string_view bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return bytes;
}

Status skip_fixed(std::string_view& rest, size_t size) {
  if (size > rest.size()) {
    return broken("shorter than it says");
  }
  rest.remove_prefix(size);
  return {};
}

Status take_number(uint64_t field, uint64_t value, Packet& packet) {
  if (field == kTypeField) {
    if (value > static_cast<uint64_t>(PacketType::kErr)) {
      return broken("unknown type");
    }
    packet.type = static_cast<PacketType>(value);
  }
  if (field == kIdField) {
    packet.id = static_cast<uint32_t>(value);
  }
  return {};
}

// Takes one field from `rest`: number(field, value) and bytes(field, value) return a Status; what
// is of another wire type is skipped.
template <class Number, class Bytes>
Status read_field(std::string_view& rest, const Number& number, const Bytes& bytes) {
  KTL_ASSIGN(const uint64_t tag, read_varint(rest));
  const uint64_t field = tag >> 3U;
  if (field == 0) {
    return broken("field 0");
  }
  switch (tag & 7U) {
    case kVarint: {
      KTL_ASSIGN(const uint64_t value, read_varint(rest));
      return number(field, value);
    }
    case kBytes: {
      KTL_ASSIGN(const std::string_view value, read_bytes(rest));
      return bytes(field, value);
    }
    case kFixed64:
      return skip_fixed(rest, 8);
    case kFixed32:
      return skip_fixed(rest, 4);
    default:
      return broken("unknown wire type");
  }
}

Status take_bytes(uint64_t field, std::string_view value, Packet& packet) {
  packet.data = field == kDataField ? value : packet.data;
  packet.stat = field == kStatField ? value : packet.stat;
  return {};
}

Status take_number(uint64_t field, uint64_t value, Stat& stat) {
  stat.mode = field == kModeField ? static_cast<uint32_t>(value) : stat.mode;
  stat.size = field == kSizeField ? static_cast<int64_t>(value) : stat.size;
  stat.mtime_ns = field == kMtimeField ? static_cast<int64_t>(value) : stat.mtime_ns;
  return {};
}

Status take_bytes(uint64_t field, std::string_view value, Stat& stat) {
  stat.path = field == kPathField ? std::string(value) : stat.path;
  stat.linkname = field == kLinknameField ? std::string(value) : stat.linkname;
  return {};
}

// All fields of a message, later ones over earlier ones.
template <class Message>
Result<Message> parsed(std::string_view rest) {
  Message message;
  while (!rest.empty()) {
    KTL_TRY(read_field(
        rest, [&](uint64_t field, uint64_t value) { return take_number(field, value, message); },
        [&](uint64_t field, std::string_view value) { return take_bytes(field, value, message); }));
  }
  return message;
}

}  // namespace

uint32_t go_mode(uint32_t st_mode) {
  constexpr auto kBits = std::to_array<std::pair<uint32_t, uint32_t>>(
      {{S_ISUID, 1U << 23U}, {S_ISGID, 1U << 22U}, {S_ISVTX, 1U << 20U}});
  constexpr auto kTypes =
      std::to_array<std::pair<uint32_t, uint32_t>>({{S_IFDIR, kGoFolder},
                                                    {S_IFLNK, kGoSymlink},
                                                    {S_IFBLK, 1U << 26U},
                                                    {S_IFCHR, (1U << 26U) | (1U << 21U)},
                                                    {S_IFIFO, 1U << 25U}});
  uint32_t mode = st_mode & 0777U;
  for (const auto& [bit, go] : kBits) {
    mode |= (st_mode & bit) != 0 ? go : 0;
  }
  for (const auto& [type, go] : kTypes) {
    mode |= (st_mode & S_IFMT) == type ? go : 0;
  }
  return mode;
}

void append_stat(const Stat& stat, std::string& out) {
  std::string fields;
  append_stat_fields(stat, fields);
  append_bytes(kStatField, fields, out);
}

std::string data_header(uint32_t id, size_t size) {
  std::string out;
  append_number(kTypeField, static_cast<int64_t>(PacketType::kData), out);
  append_number(kIdField, id, out);
  if (size > 0) {
    append_tag(kDataField, kBytes, out);
    append_varint(size, out);
  }
  return out;
}

std::string fin_packet() {
  std::string out;
  append_number(kTypeField, static_cast<int64_t>(PacketType::kFin), out);
  return out;
}

std::string req_packet(uint32_t id) {
  std::string out;
  append_number(kTypeField, static_cast<int64_t>(PacketType::kReq), out);
  append_number(kIdField, id, out);
  return out;
}

std::string err_packet(std::string_view text) {
  std::string out;
  append_number(kTypeField, static_cast<int64_t>(PacketType::kErr), out);
  append_bytes(kDataField, text, out);
  return out;
}

Result<Packet> parse_packet(std::string_view message) { return parsed<Packet>(message); }

Result<Stat> parse_stat(std::string_view message) { return parsed<Stat>(message); }

}  // namespace ktl::filesync
