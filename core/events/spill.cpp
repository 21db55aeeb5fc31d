#include "core/events/spill.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "core/events/packed.h"

namespace ktl {
namespace {

constexpr int64_t kChunk = 256 << 10U;
constexpr size_t kBuffer = 64U << 10U;

Status write_at(int fd, std::string_view bytes, int64_t offset) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return errno_status("spill events", n == 0 ? ENOSPC : errno);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += n;
  }
  return {};
}

Result<std::string> read_at(int fd, int64_t from, int64_t to) {
  std::string bytes(static_cast<size_t>(to - from), '\0');
  for (size_t have = 0; have < bytes.size();) {
    ssize_t n =
        ::pread(fd, bytes.data() + have, bytes.size() - have, from + static_cast<int64_t>(have));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return errno_status("read spilled events", n == 0 ? EIO : errno);
    }
    have += static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace

Status Spill::open() {
  std::string name = folder_ / "ktl-events-XXXXXX";
  UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) {
    return errno_status("make " + name, errno);
  }
  ::unlink(name.c_str());  // gone with its descriptor, also after a crash
  file_ = std::move(file);
  return {};
}

Status Spill::flush() {
  KTL_TRY(write_at(file_.get(), buffer_, written_));
  written_ += static_cast<int64_t>(buffer_.size());
  chunks_.back().to = written_;
  buffer_.clear();
  return {};
}

Status Spill::begin_chunk() {
  if (!buffer_.empty()) {
    KTL_TRY(flush());
  }
  chunks_.push_back({written_, written_, 0});
  return {};
}

Status Spill::append(std::span<const EventPtr> events) {
  if (!file_.valid()) {
    KTL_TRY(open());
  }
  if (written_ + static_cast<int64_t>(buffer_.size()) >= kLimit) {
    return {Code::kResourceExhausted, "more than 4 GiB of events wait on disk"};
  }
  if (buffer_.size() >= kBuffer) {
    KTL_TRY(flush());
  }
  if (chunks_.empty() || chunks_.back().to - chunks_.back().from >= kChunk) {
    KTL_TRY(begin_chunk());
  }
  for (const EventPtr& event : events) {
    pack(*event, buffer_);
  }
  chunks_.back().events += events.size();
  return {};
}

Spill::Chunk Spill::claim() {
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  if (chunks_.empty()) {
    chunk.tail = std::exchange(buffer_, {});
  }
  claimed_ = true;
  return chunk;
}

void Spill::release() {
  claimed_ = false;
  if (chunks_.empty() && ::ftruncate(file_.get(), 0) == 0) {
    written_ = 0;
  }
}

Result<std::vector<EventPtr>> Spill::read(const Chunk& chunk) const {
  KTL_ASSIGN(std::string bytes, read_at(file_.get(), chunk.from, chunk.to));
  bytes += chunk.tail;
  std::vector<EventPtr> events;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    KTL_ASSIGN(Event event, unpack(rest));
    events.push_back(std::make_shared<const Event>(std::move(event)));
  }
  return events;
}

}  // namespace ktl
