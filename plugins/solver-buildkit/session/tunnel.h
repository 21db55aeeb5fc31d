// Carries a session's bytes over Control.Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/session.h"
#include "transport/channel.h"

namespace ktl::solver {

// A SessionServer on the channel's thread. What it has to say is taken when the outer call may
// send, 256 KiB at most a message, so it gathers while the connection is busy; what comes in never
// waits for that, so neither side's flow control can lock the other.
class Tunnel final : public Session, private Duplex {
 public:
  // Opens it. `channel` must outlive the tunnel.
  Tunnel(Channel& channel, const SessionName& name, const std::vector<Method>& methods);
  ~Tunnel() override;
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

 private:
  std::optional<std::string> pull() override;
  Status push(std::string message) override;
  void ended() override { server_.hang_up(); }

  SessionServer server_;
  std::unique_ptr<RemoteCall> call_;
};

}  // namespace ktl::solver
