// A build that waits for its client between its parts: -i, and steps behind a fence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control.pb.h"
#include "gateway.pb.h"
#include "transport/channel.h"

namespace ktl::solver {

// A build as a client of the gateway runs it: Control.Solve is started without a frontend and
// lasts until Return; the frontend is asked by LLBBridge.Solve, its results are made by Evaluate.
// Results by which an error names the failed step's state are kept as long as that build lasts
// (BuildKit 0.34.2, llbBridgeForwarder in frontend/gateway/gateway.go), and nothing is exported
// before its end. With a frontend in Control.Solve there is no such build. Thread rule: one thread;
// `changed` comes from the channel's.
class Attended {
 public:
  // Takes the frontend out of `request`; its options stay, Control.Solve reads attestations there.
  explicit Attended(moby::buildkit::v1::SolveRequest& request);

  // `channel` must outlive this.
  void start(Channel& channel, std::function<void()> changed);
  // Goes on once an answer is there. Cheap; call it often.
  void advance();
  // The graphs that the frontend made, serialised pb.Definition, once advance() has seen them.
  [[nodiscard]] const std::vector<std::string>& definitions() const { return definitions_; }
  // How frontend and steps ended, from then on until `finish`.
  [[nodiscard]] std::optional<CallEnd> ended() const;
  // Ends the build with that; with an error instead of the result when `verdict` is one.
  void finish(const Status& verdict = {});

 private:
  void take_answer();
  void evaluate(const moby::buildkit::v1::frontend::Ref& ref);

  const std::string build_;
  std::string message_;
  Channel* channel_ = nullptr;
  std::function<void()> changed_;
  std::unique_ptr<RemoteCall> asked_;
  bool answered_ = false;
  moby::buildkit::v1::frontend::ReturnRequest answer_;
  CallEnd end_;  // of the first call that failed
  std::vector<std::string> definitions_;
  std::vector<std::unique_ptr<RemoteCall>> made_;
  std::unique_ptr<RemoteCall> returned_;
};

}  // namespace ktl::solver
