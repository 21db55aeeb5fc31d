// A gRPC client on one HTTP/2 connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "transport/carrier.h"
#include "transport/remote_call.h"

namespace ktl::solver {

// The connection (RFC 9113; https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and
// the one thread that reads and writes it. Bounds: 16 MiB a message, 64 KiB of metadata a call,
// 4 MiB in flight a call, 16 MiB in all.
// Why not gRPC C++: docs/measurements.md, "the connection to BuildKit".
// Thread rule: any thread; a channel must outlive its calls.
class Channel {
 public:
  // `authority` is what requests name as their host. Nothing is sent before the first call.
  Channel(std::unique_ptr<Carrier> carrier, const std::string& authority);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  std::unique_ptr<RemoteCall> start(CallSetup setup);
  // A Duplex has messages again. Cheap when said repeatedly; may be said while a lock is held.
  void wake();

 private:
  class Protocol;
  std::unique_ptr<Protocol> protocol_;
};

}  // namespace ktl::solver
