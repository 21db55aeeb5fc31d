// One end of the socket between two processes of ktl.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/bridge/frame.h"

namespace ktl::bridge {

// A connected unix stream socket. Thread rule: receive() from one thread, everything else from any.
class Link {
 public:
  // `stall_seconds`: how long the other side may read nothing of what it is sent before it counts
  // as dead; 0: for ever.
  Link(UniqueFd socket, int stall_seconds);

  // Waits while the other side is slow. kUnavailable: it is gone; kDeadlineExceeded: it does not
  // read any more. After a failure the link is closed, since half a frame may have been sent.
  Status send(const Outgoing& frame);

  // For a frame without descriptors that nobody waits for: it leaves with the next frame that is
  // sent, with others that are posted within 5 ms, or when they are 32 KiB. Waking the other
  // process for each costs more than the frames. Whoever posts lets somebody flush() when due()
  // says so.
  Status post(const Outgoing& frame);
  Status flush();
  // Readable when something was posted 5 ms ago. Borrowed.
  [[nodiscard]] int due() const { return timer_.get(); }

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
  Status send_all(std::span<const std::string_view> pieces, const std::vector<int>& fds);
  Status send_pieces(std::span<const std::string_view> pieces, const std::vector<int>& fds);
  Status send_posted();
  Status wait_writable() const;
  Status read_once();

  const UniqueFd socket_;
  const int stall_;
  const UniqueFd timer_;  // timerfd_create(2)
  std::mutex sending_;
  std::string posted_;
  FrameDecoder decoder_;
};

// Two connected ends, close-on-exec.
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<SocketPair> make_socket_pair();

}  // namespace ktl::bridge
