// Events that did not fit into memory, in order, in a file without a name.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "core/events/event.h"

namespace ktl {

// A first-in first-out queue on disk. Thread rule: everything but read belongs under one lock;
// read may run beside the others.
class Spill {
 public:
  // The most that is kept on disk; append refuses more.
  static constexpr int64_t kLimit = int64_t{4} << 30U;

  // Some whole events: those of the file, then those that had not come so far.
  struct Chunk {
    int64_t from = 0;
    int64_t to = 0;
    uint64_t events = 0;
    std::string tail = {};
  };

  // `folder` takes the file on first use.
  explicit Spill(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // True once everything that was appended has been claimed and released.
  [[nodiscard]] bool empty() const { return chunks_.empty() && !claimed_; }

  // Takes events, all or none: a failure (disk full, limit) means that they were not taken. Written
  // are 64 KiB at a time: a call of the kernel for each event would cost more than the event.
  Status append(std::span<const EventPtr> events);

  // Hands out the oldest chunk; release() when it has been read. One at a time, never when empty.
  Chunk claim();
  void release();

  // The events of a claimed chunk, in order.
  [[nodiscard]] Result<std::vector<EventPtr>> read(const Chunk& chunk) const;

 private:
  Status open();
  Status flush();
  Status begin_chunk();

  std::filesystem::path folder_;
  UniqueFd file_;
  int64_t written_ = 0;  // bytes of the file
  std::string buffer_;   // what comes next in it; all of the last chunk
  std::deque<Chunk> chunks_;
  bool claimed_ = false;
};

}  // namespace ktl
