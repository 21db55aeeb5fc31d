// A gRPC server on one HTTP/2 connection that somebody else carries: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "session/rpc.h"

namespace ktl::solver {

// One method we answer. `quick` ones run on the thread that calls receive, once the request is
// complete, and must not block; the others get a thread each.
struct Method {
  std::string path;
  Handler handler;
  bool quick = false;
};

// The builder is the HTTP/2 client on this connection, we are the server (RFC 9113). Bounds:
// 256 streams, 64 KiB of metadata and 16 MiB a message each, 2 MiB in flight a stream.
// Frames gather in one piece while the outer connection is busy.
//
// Thread rule: one thread calls receive, one calls pull; close may come from any.
class SessionServer {
 public:
  // `ready` is said when pull may find something: from any thread, with a lock held, so it must
  // neither block nor call back.
  SessionServer(std::vector<Method> methods, std::function<void()> ready);
  ~SessionServer();
  SessionServer(const SessionServer&) = delete;
  SessionServer& operator=(const SessionServer&) = delete;

  // Bytes from the builder. Never waits for anything to be sent. A failure ends the connection.
  Status receive(std::string_view bytes);

  // Bytes for the builder that are there now, about `limit` at most.
  std::string pull(size_t limit);

  // Ends every call (their read and write return kCancelled); joins nobody.
  void hang_up();

  // hang_up, then joins the handlers' threads. Those that wait for something else must be woken by
  // their owner before.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ktl::solver
