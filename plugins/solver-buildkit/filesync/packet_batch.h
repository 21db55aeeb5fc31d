// Packets on their way out, gathered in one buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filesync/packet.h"

namespace ktl::filesync {

// Keeps its memory when cleared. Not thread-safe.
class PacketBatch {
 public:
  // Adds a finished message; "" is the end of the STATs.
  void add(std::string_view message);
  void add_stat(const Stat& stat);

  // Where the next chunk of a file may be read to: kDataChunk bytes, valid until the next call.
  std::span<char> data_room();
  // Makes a DATA packet of the first `size` bytes of that room; none of them are moved.
  void add_data(uint32_t id, size_t size);

  [[nodiscard]] bool empty() const { return places_.empty(); }
  // Large enough to be sent.
  [[nodiscard]] bool full() const;
  // Valid until something is added or cleared.
  [[nodiscard]] std::span<const std::string_view> messages();
  void clear();

 private:
  struct Place {
    size_t start;
    size_t end;
  };
  char* room(size_t size);

  std::unique_ptr<char[]> buffer_;  // not a vector: its bytes would be zeroed for nothing
  size_t capacity_ = 0;
  size_t size_ = 0;
  std::vector<Place> places_;
  std::vector<std::string_view> views_;
  std::string scratch_;
};

}  // namespace ktl::filesync
