#include "question.h"

#include "gateway/bridge.h"

namespace ktl::solver {
namespace {

// With this a frontend named by "# syntax=" is asked as well, if it can answer.
constexpr const char* kCaps = "moby.buildkit.frontend.subrequests+forward";

}  // namespace

Question::Question(std::string method, moby::buildkit::v1::SolveRequest& request)
    : build_(request.ref()) {
  auto solve = frontend_of(request);
  (*solve.mutable_frontendopt())["requestid"] = "frontend." + std::move(method);
  (*solve.mutable_frontendopt())["frontend.caps"] = kCaps;
  message_ = solve.SerializeAsString();
  request.clear_frontend();
  request.clear_frontendattrs();
}

void Question::start(Channel& channel, std::function<void()> changed) {
  channel_ = &channel;
  changed_ = std::move(changed);
  asked_ = channel_->start(bridge_call(build_, "Solve", std::move(message_), changed_));
}

void Question::advance() {
  if (asked_ == nullptr || returned_ != nullptr || !asked_->end()) {
    return;
  }
  auto answer = answer_of(*asked_);
  const auto& metadata = answer.result().metadata();
  answer_ = Metadata(metadata.begin(), metadata.end());
  returned_ = channel_->start(bridge_call(build_, "Return", answer.SerializeAsString(), changed_));
}

std::string question_of(const json::value& plan) {
  const json::value* call = field_of(plan, "call");
  return call == nullptr ? std::string() : std::string(text_of(*call, "method"));
}

}  // namespace ktl::solver
