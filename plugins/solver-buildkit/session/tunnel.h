// Carries a session's bytes over Control.Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/server.h"
#include "transport/channel.h"

namespace ktl::solver {

// How the builder will know the session.
struct SessionName {
  std::string id;          // unique for each session; SolveRequest.Session
  std::string shared_key;  // the builder keeps one copy of a context for each key
};

// The call's metadata, and the headers of an upgraded connection: who we are and what we serve.
std::vector<std::pair<std::string, std::string>> session_metadata(
    const SessionName& name, const std::vector<Method>& methods);

// A SessionServer on the channel's thread. What it has to say is taken when the outer call may
// send, 256 KiB at most a message, so it gathers while the connection is busy; what comes in never
// waits for that, so neither side's flow control can lock the other.
// Thread rule: start and stop once each, from one thread.
class Tunnel final : public Duplex {
 public:
  // `channel` must outlive the tunnel.
  Tunnel(Channel& channel, const SessionName& name, const std::vector<Method>& methods);
  ~Tunnel() override { stop(); }
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  void start();
  // Ends the session and joins its threads; the handlers must have been woken before.
  void stop();

  std::optional<std::string> pull() override;
  Status push(std::string message) override;
  void ended() override { server_.hang_up(); }

 private:
  Channel& channel_;
  CallSetup setup_;
  SessionServer server_;
  std::unique_ptr<RemoteCall> call_;
};

}  // namespace ktl::solver
