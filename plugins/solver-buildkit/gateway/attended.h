// -i: a build that waits for its client when a step has failed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control.pb.h"
#include "transport/channel.h"

namespace ktl::solver {

// A build as a client of the gateway runs it: Control.Solve is started without a frontend and
// lasts until Return; the frontend is asked by LLBBridge.Solve. Results by which an error names the
// failed step's state are kept as long as that build lasts (BuildKit 0.34.2, llbBridgeForwarder in
// frontend/gateway/gateway.go). With a frontend in Control.Solve there is no such build, and no
// moment in which they could be used. Thread rule: one thread; `changed` comes from the channel's.
class Attended {
 public:
  // Takes the frontend out of `request`; its options stay, Control.Solve reads attestations there.
  explicit Attended(moby::buildkit::v1::SolveRequest& request);

  // `channel` must outlive this.
  void start(Channel& channel, std::function<void()> changed);
  // How the frontend ended, from then on until `finish`.
  [[nodiscard]] std::optional<CallEnd> ended() const;
  // Ends the build with that.
  void finish();

 private:
  const std::string build_;
  std::string message_;
  Channel* channel_ = nullptr;
  std::function<void()> changed_;
  std::unique_ptr<RemoteCall> asked_;
  std::unique_ptr<RemoteCall> returned_;
};

}  // namespace ktl::solver
