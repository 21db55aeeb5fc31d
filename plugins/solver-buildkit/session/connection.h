// What the streams of one session share: the HTTP/2 state and the lock around it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace ktl::solver {

class Stream;

inline constexpr uint32_t kMaxStreams = 256;
inline constexpr size_t kMaxMetadata = 64U << 10U;
inline constexpr int32_t kStreamWindow = 2 << 20;
inline constexpr int32_t kConnectionWindow = 32 << 20;
inline constexpr size_t kMaxUnsent = 1U << 20U;

// Everything here is guarded by `mutex`. nghttp2 keeps no pointer into a Stream: callbacks find it
// by id.
struct Connection {
  std::mutex mutex;
  nghttp2_session* http2 = nullptr;
  std::function<void()> ready;  // there may be something to send
  bool closed = false;
  std::map<int32_t, std::shared_ptr<Stream>> streams;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { nghttp2_session_del(http2); }

  void wake_sender() const {
    if (ready) {
      ready();
    }
  }
};

}  // namespace ktl::solver
