// What a builder may send into file sync: no crash, and what was written can be read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "filesync/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ktl::filesync;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto packet = parse_packet(message);
  if (!packet.ok()) {
    return 0;
  }
  const auto stat = parse_stat(packet->stat);
  if (stat.ok()) {
    std::string written;
    append_stat(*stat, written);
    const auto read = parse_packet(written);
    if (!read.ok() || parse_stat(read->stat)->path != stat->path) {
      std::abort();
    }
  }
  const std::string again = err_packet(packet->data);
  const auto second = parse_packet(again);
  if (!second.ok() || second->data != packet->data) {
    std::abort();
  }
  return 0;
}
