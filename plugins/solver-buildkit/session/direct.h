// Carries a session's bytes over a connection of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "session/session.h"
#include "transport/pump.h"

namespace ktl::solver {

// A SessionServer on a carrier that was opened for it: the other side is the HTTP/2 client.
class DirectSession final : public Session, private Endpoint {
 public:
  DirectSession(std::unique_ptr<Carrier> carrier, const std::vector<Method>& methods);
  ~DirectSession() override;
  DirectSession(const DirectSession&) = delete;
  DirectSession& operator=(const DirectSession&) = delete;

 private:
  std::string pull(size_t limit) override { return server_.pull(limit); }
  Status receive(std::string_view bytes) override { return server_.receive(bytes); }
  void ended(const Status& /*why*/) override { server_.hang_up(); }

  SessionServer server_;
  Pump pump_;
};

}  // namespace ktl::solver
