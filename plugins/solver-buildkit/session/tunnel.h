// Carries a session's bytes over Control.Session.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "control.grpc.pb.h"
#include "session/server.h"

namespace ktl::solver {

// How the builder will know the session.
struct SessionName {
  std::string id;          // unique for each session; SolveRequest.Session
  std::string shared_key;  // the builder keeps one copy of a context for each key
};

// A SessionServer, the outer stream and the two threads between them. The writer takes what has
// gathered while the outer stream was busy, at most 256 KiB a message; the reader never waits for
// the writer, so neither side's flow control can lock the other.
// Thread rule: start and stop once each, from one thread.
class Tunnel {
 public:
  Tunnel(moby::buildkit::v1::Control::Stub& stub, const SessionName& name,
         const std::vector<Method>& methods);
  ~Tunnel() { stop(); }
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  void start();
  // Ends the session and joins its threads; the handlers must have been woken before.
  void stop();

 private:
  void read_loop();
  void write_loop();

  moby::buildkit::v1::Control::Stub& stub_;
  grpc::ClientContext context_;
  SessionServer server_;
  std::unique_ptr<grpc::ClientReaderWriterInterface<moby::buildkit::v1::BytesMessage,
                                                    moby::buildkit::v1::BytesMessage>>
      stream_;
  std::thread reader_;
  std::thread writer_;
};

}  // namespace ktl::solver
