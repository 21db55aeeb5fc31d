#include "gateway/attended.h"

#include "gateway/bridge.h"

namespace ktl::solver {

Attended::Attended(moby::buildkit::v1::SolveRequest& request) : build_(request.ref()) {
  auto solve = frontend_of(request);
  solve.set_evaluate(true);  // a step that fails after the answer would fail without us
  message_ = solve.SerializeAsString();
  request.clear_frontend();
}

void Attended::start(Channel& channel, std::function<void()> changed) {
  channel_ = &channel;
  changed_ = std::move(changed);
  asked_ = channel_->start(bridge_call(build_, "Solve", std::move(message_), changed_));
}

std::optional<CallEnd> Attended::ended() const {
  return asked_ == nullptr || returned_ != nullptr ? std::nullopt : asked_->end();
}

void Attended::finish() {
  if (ended()) {
    const std::string answer = answer_of(*asked_).SerializeAsString();
    returned_ = channel_->start(bridge_call(build_, "Return", answer, changed_));
  }
}

}  // namespace ktl::solver
