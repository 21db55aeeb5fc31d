// How gRPC frames messages and escapes text on HTTP/2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::solver {

// BuildKit's limit in both directions.
inline constexpr size_t kMaxMessage = 16U << 20U;
inline constexpr size_t kFrameHeader = 5;

// "compressed" flag 0 and the size as 4 big-endian bytes.
void append_frame_header(std::string& out, size_t message_size);

// Percent-encoding of grpc-message: everything outside 0x20..0x7e and '%' itself.
std::string percent_encode(std::string_view text);

// Its reverse; a broken escape stays as it is.
std::string percent_decode(std::string_view text);

// Go's url.QueryUnescape: "%41" and '+'; a broken escape stays as it is.
std::string url_decode(std::string_view text);

// Cuts a byte stream into messages. Not thread-safe.
class MessageReader {
 public:
  // Takes bytes as they arrive. kResourceExhausted: a message above kMaxMessage;
  // kUnimplemented: a compressed one (we never offer compression).
  Status feed(std::string_view bytes);

  [[nodiscard]] bool has_message() const { return !messages_.empty(); }
  std::string pop();

 private:
  Status check_header();

  std::string partial_;
  size_t wanted_ = kFrameHeader;  // bytes of partial_, header included, until something is complete
  std::deque<std::string> messages_;
};

}  // namespace ktl::solver
