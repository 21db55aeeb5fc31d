// A gRPC server on one HTTP/2 connection that somebody else carries: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
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
// Why not grpc++: its server wants a socket of its own and writes one message a time into it;
// here 64-256 KiB of frames gather in one piece while the outer connection is busy.
//
// Thread rule: one thread calls receive, one calls take; close may come from any.
class SessionServer {
 public:
  explicit SessionServer(std::vector<Method> methods);
  ~SessionServer();
  SessionServer(const SessionServer&) = delete;
  SessionServer& operator=(const SessionServer&) = delete;

  // Bytes from the builder. Never waits for anything to be sent. A failure ends the connection.
  Status receive(std::string_view bytes);

  // Bytes for the builder, about `limit` at most; waits until there are some. Nothing: closed.
  std::optional<std::string> take(size_t limit);

  // Ends every call (their read and write return kCancelled) and take; joins nobody.
  void hang_up();

  // hang_up, then joins the handlers' threads. Those that wait for something else must be woken by
  // their owner before.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ktl::solver
