// A call of the builder as the pipe of file sync's packets.
#pragma once

#include "filesync/send_tree.h"
#include "session/rpc.h"
#include "session/wire.h"

namespace ktl::solver {

// Packets into the stream: a batch becomes one buffer with its frames. Borrows the call.
class RpcSink final : public filesync::PacketSink {
 public:
  explicit RpcSink(Rpc& rpc) : rpc_(rpc) {}

  Status send(std::string_view message) override { return rpc_.write(message); }

  Status send_batch(std::span<const std::string_view> messages) override {
    size_t size = 0;
    for (std::string_view message : messages) {
      size += kFrameHeader + message.size();
    }
    std::string framed;
    framed.reserve(size);
    for (std::string_view message : messages) {
      append_frame_header(framed, message.size());
      framed.append(message);
    }
    return rpc_.write_framed(std::move(framed));
  }

 private:
  Rpc& rpc_;
};

class RpcSource final : public filesync::PacketSource {
 public:
  explicit RpcSource(Rpc& rpc) : rpc_(rpc) {}
  Result<std::optional<std::string>> receive() override { return rpc_.read(); }
  void interrupt() override { rpc_.cancel_read(); }

 private:
  Rpc& rpc_;
};

}  // namespace ktl::solver
