// One end of the socket between two processes of ktl.
#pragma once

#include <mutex>
#include <vector>

#include "core/bridge/frame.h"

namespace ktl::bridge {

// A connected unix stream socket. Thread rule: send() from any thread, receive() from one, close()
// from any.
class Link {
 public:
  // `stall_seconds`: how long the other side may read nothing of what it is sent before it counts
  // as dead; 0: for ever.
  Link(UniqueFd socket, int stall_seconds) : socket_(std::move(socket)), stall_(stall_seconds) {}

  // Waits while the other side is slow. kUnavailable: it is gone; kDeadlineExceeded: it does not
  // read any more. After a failure the link is closed, since half a frame may have been sent.
  Status send(const Outgoing& frame);

  // Reads once, waiting for nothing, and adds the whole frames to `out`. kUnavailable: the other
  // side is gone; kDataLoss: it does not speak this language.
  Status receive(std::vector<Frame>& out);

  // Readable when receive() has something to do. Borrowed.
  [[nodiscard]] int fd() const { return socket_.get(); }

  // No more is sent; the other side sees the end and what it still says can be received.
  void close_sending();
  // Both directions end, also for those who wait in send().
  void close();

 private:
  Status send_all(const Outgoing& frame, std::string_view head, std::string_view header);
  Status wait_writable() const;
  Status read_once();

  const UniqueFd socket_;
  const int stall_;
  std::mutex sending_;
  FrameDecoder decoder_;
};

// Two connected ends, close-on-exec.
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<SocketPair> make_socket_pair();

}  // namespace ktl::bridge
