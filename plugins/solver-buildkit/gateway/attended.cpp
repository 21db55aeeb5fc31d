#include "gateway/attended.h"

#include <algorithm>

#include "gateway/bridge.h"

namespace ktl::solver {

Attended::Attended(moby::buildkit::v1::SolveRequest& request) : build_(request.ref()) {
  message_ = frontend_of(request).SerializeAsString();
  request.clear_frontend();
}

void Attended::start(Channel& channel, std::function<void()> changed) {
  channel_ = &channel;
  changed_ = std::move(changed);
  asked_ = channel_->start(bridge_call(build_, "Solve", std::move(message_), changed_));
}

void Attended::evaluate(const moby::buildkit::v1::frontend::Ref& ref) {
  if (ref.id().empty()) {
    return;  // FROM scratch and nothing more
  }
  definitions_.push_back(ref.def().SerializeAsString());
  moby::buildkit::v1::frontend::EvaluateRequest request;
  request.set_ref(ref.id());
  made_.push_back(
      channel_->start(bridge_call(build_, "Evaluate", request.SerializeAsString(), changed_)));
}

void Attended::take_answer() {
  answered_ = true;
  end_ = asked_->end().value_or(CallEnd());
  answer_ = answer_of(*asked_);
  if (answer_.has_error()) {
    return;
  }
  evaluate(answer_.result().ref());
  for (const auto& [platform, ref] : answer_.result().refs().refs()) {
    evaluate(ref);
  }
}

void Attended::advance() {
  if (asked_ != nullptr && !answered_ && asked_->end()) {
    take_answer();
  }
}

std::optional<CallEnd> Attended::ended() const {
  const bool all =
      std::ranges::all_of(made_, [](const auto& call) { return call->end().has_value(); });
  if (!answered_ || returned_ != nullptr || !all) {
    return std::nullopt;
  }
  for (const auto& call : made_) {
    if (const CallEnd end = *call->end(); end_.status.ok() && !end.status.ok()) {
      return end;
    }
  }
  return end_;
}

void Attended::finish(const Status& verdict) {
  const std::optional<CallEnd> end = ended();
  if (!end) {
    return;
  }
  if (!verdict.ok()) {
    answer_.Clear();
    *answer_.mutable_error() = as_error({verdict, "", false, false});
  } else if (!end->status.ok() && !answer_.has_error()) {
    answer_.Clear();
    *answer_.mutable_error() = as_error(*end);
  }
  returned_ = channel_->start(bridge_call(build_, "Return", answer_.SerializeAsString(), changed_));
}

}  // namespace ktl::solver
