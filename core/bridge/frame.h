// What two processes of ktl say to one another: one frame at a time, over one socket.
//
//   offset  size  field (integers little-endian)
//        0     3  "KTL"
//        3     1  revision of this format: 1
//        4     1  kind
//        5     1  flags: 1 = the body is a secret
//        6     2  descriptors that come along, at most 8
//        8     8  id of the call
//       16     4  bytes of the head: one JSON object, at most 1 MiB
//       20     4  bytes of the body, at most 65 MiB
//       24        head, then body
//
// Descriptors travel with the frame's first byte (unix(7), SCM_RIGHTS). Documents, and bytes that
// must not be in a document, are bodies; the head says what they are.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/json.h"

namespace ktl::bridge {

enum class Kind : uint8_t {
  kCall = 1,    // wants an answer with the same id
  kAnswer = 2,  // to the other side's call
  kNotice = 3,  // wants none
};

// Moves only. A secret body is zeroed when the frame goes.
struct Frame {
  static constexpr size_t kHeaderBytes = 24;
  static constexpr size_t kMaxHead = 1U << 20U;
  static constexpr size_t kMaxBody = 65U << 20U;
  static constexpr size_t kMaxFds = 8;

  Frame() = default;
  Frame(Frame&& other) noexcept { swap(other); }
  Frame& operator=(Frame&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Frame();

  Kind kind = Kind::kNotice;
  bool secret = false;
  uint64_t id = 0;
  json::object head;
  std::vector<char> body;
  std::vector<UniqueFd> fds;

  [[nodiscard]] std::string_view text() const { return {body.data(), body.size()}; }

 private:
  void swap(Frame& other) noexcept;
};

// What is sent: borrows everything.
struct Outgoing {
  Kind kind = Kind::kNotice;
  bool secret = false;
  uint64_t id = 0;
  const json::object& head;
  std::string_view body = {};
  std::vector<int> fds = {};
};

// The first bytes of `frame`, whose head has `head_size` bytes. kResourceExhausted: too large.
Result<std::array<char, Frame::kHeaderBytes>> header_of(const Outgoing& frame, size_t head_size);

// Cuts a stream of bytes and descriptors into frames. Nothing in it is trusted: sizes are checked
// before anything is kept, memory grows with what has arrived and not with what was announced.
// Thread rule: one thread.
class FrameDecoder {
 public:
  FrameDecoder() = default;
  FrameDecoder(const FrameDecoder&) = delete;
  FrameDecoder& operator=(const FrameDecoder&) = delete;
  ~FrameDecoder();

  // Where up to `size` more bytes are to be put; then they are declared by arrived().
  char* space(size_t size);
  void arrived(size_t size) {
    end_ += size;
    used_ = std::max(used_, end_);
  }
  // Descriptors that came with them. kDataLoss: more than any frame may have.
  Status arrived(std::vector<UniqueFd> fds);

  // The next whole frame; nothing when there is none yet. kDataLoss: this is no such stream. After
  // a failure the stream is of no use.
  Result<std::optional<Frame>> next();

  // Whether a frame has begun and not ended.
  [[nodiscard]] bool inside() const { return begin_ != end_ || !fds_.empty(); }

 private:
  struct Header;
  Result<Header> header() const;
  Status take_fds(size_t count, Frame& frame);
  void wipe();

  std::unique_ptr<char[]> bytes_;  // not zeroed: most conversations need a page or two of it
  size_t size_ = 0;
  size_t used_ = 0;   // what has ever been written
  size_t begin_ = 0;  // of what has not been taken
  size_t end_ = 0;    // of what has arrived
  std::deque<UniqueFd> fds_;
};

}  // namespace ktl::bridge
