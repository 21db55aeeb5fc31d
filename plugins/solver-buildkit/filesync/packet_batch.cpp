#include "filesync/packet_batch.h"

#include <algorithm>

#include "filesync/send_tree.h"

namespace ktl::filesync {
namespace {

constexpr size_t kFull = size_t{128} << 10;
constexpr size_t kManyMessages = 4096;

}  // namespace

char* PacketBatch::room(size_t size) {
  if (size_ + size > capacity_) {
    // One chunk fits behind a batch that is just not full.
    capacity_ = std::max(size_ + size, kFull + kDataChunk + kMaxDataHeader);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::copy_n(buffer_.get(), size_, larger.get());
    buffer_ = std::move(larger);
  }
  return buffer_.get() + size_;
}

void PacketBatch::add(std::string_view message) {
  std::ranges::copy(message, room(message.size()));
  places_.push_back({size_, size_ + message.size()});
  size_ += message.size();
}

void PacketBatch::add_stat(const Stat& stat) {
  scratch_.clear();
  append_stat(stat, scratch_);
  add(scratch_);
}

std::span<char> PacketBatch::data_room() {
  return {room(kMaxDataHeader + kDataChunk) + kMaxDataHeader, kDataChunk};
}

void PacketBatch::add_data(uint32_t id, size_t size) {
  // The header ends where the content starts; what is left before it is never sent.
  const std::string header = data_header(id, size);
  const size_t content = size_ + kMaxDataHeader;
  std::ranges::copy(header, buffer_.get() + content - header.size());
  places_.push_back({content - header.size(), content + size});
  size_ = content + size;
}

bool PacketBatch::full() const { return size_ >= kFull || places_.size() >= kManyMessages; }

std::span<const std::string_view> PacketBatch::messages() {
  views_.clear();
  for (const Place& place : places_) {
    views_.emplace_back(buffer_.get() + place.start, place.end - place.start);
  }
  return views_;
}

void PacketBatch::clear() {
  size_ = 0;
  places_.clear();
}

}  // namespace ktl::filesync
