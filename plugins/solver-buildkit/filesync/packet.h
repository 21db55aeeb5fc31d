// The messages of file sync on the wire: fsutil.types.Packet and Stat (fsutil/types/*.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace ktl::filesync {

enum class PacketType : uint8_t { kStat = 0, kReq = 1, kData = 2, kFin = 3, kErr = 4 };

// What the receiver is told of one file. User and group are always 0 and not carried.
struct Stat {
  std::string path;   // relative to the root, "/" between its parts
  uint32_t mode = 0;  // Go's os.FileMode, see go_mode()
  int64_t size = 0;
  int64_t mtime_ns = 0;  // since 1970
  std::string linkname;  // a symlink's target, or the path of the file this one is a hard link of
  int64_t devmajor = 0;
  int64_t devminor = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;  // sorted by name
};

// st_mode as Go has it (io/fs.FileMode). Sockets lose their type and look like regular files, as
// fsutil has it.
uint32_t go_mode(uint32_t st_mode);
inline constexpr uint32_t kGoSymlink = 1U << 27U;
inline constexpr uint32_t kGoFolder = 1U << 31U;
// Any of these bits: there is no content to ask for.
inline constexpr uint32_t kGoTypes =
    kGoFolder | kGoSymlink | (1U << 26U) | (1U << 25U) | (1U << 24U) | (1U << 21U) | (1U << 19U);

// A Packet with nothing but this Stat, appended to `out`.
void append_stat(const Stat& stat, std::string& out);

// The start of a DATA Packet whose `size` bytes of content follow at once; "" is the file's end.
// At most kMaxDataHeader bytes.
std::string data_header(uint32_t id, size_t size);
inline constexpr size_t kMaxDataHeader = 16;

std::string fin_packet();
std::string err_packet(std::string_view text);

std::string req_packet(uint32_t id);

// What the other side sent. `data` and `stat` are borrowed from the message.
struct Packet {
  PacketType type = PacketType::kStat;
  uint32_t id = 0;
  std::string_view data;
  std::string_view stat;  // a serialized Stat; empty: none, the end of a list
};

// Fields that are not of interest are skipped. kDataLoss for what is no Packet. Reads every byte
// once.
Result<Packet> parse_packet(std::string_view message);

// Path, mode, size, time and link; devices and extended attributes are left out. kDataLoss for what
// is no Stat.
Result<Stat> parse_stat(std::string_view message);

}  // namespace ktl::filesync
