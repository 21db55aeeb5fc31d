#include "question.h"

#include "gateway.pb.h"
#include "rpc_status.pb.h"

namespace ktl::solver {
namespace {

namespace gateway = moby::buildkit::v1::frontend;

// With this a frontend named by "# syntax=" is asked as well, if it can answer.
constexpr const char* kCaps = "moby.buildkit.frontend.subrequests+forward";

// The error as it came, with its details: they know the place in the Dockerfile.
google::rpc::Status as_error(const CallEnd& end) {
  google::rpc::Status error;
  if (end.details.empty() || !error.ParseFromString(end.details)) {
    error.set_code(static_cast<int32_t>(end.status.code()));
    error.set_message(end.status.message());
  }
  return error;
}

}  // namespace

Question::Question(std::string method, moby::buildkit::v1::SolveRequest& request)
    : build_(request.ref()) {
  gateway::SolveRequest solve;
  solve.set_frontend(request.frontend());
  *solve.mutable_frontendopt() = request.frontendattrs();
  (*solve.mutable_frontendopt())["requestid"] = "frontend." + std::move(method);
  (*solve.mutable_frontendopt())["frontend.caps"] = kCaps;
  solve.set_allowresultreturn(true);
  solve.set_allowresultarrayref(true);
  message_ = solve.SerializeAsString();
  request.clear_frontend();
  request.clear_frontendattrs();
}

CallSetup Question::setup(const char* method, std::string message) const {
  CallSetup setup;
  setup.path = std::string("/moby.buildkit.v1.frontend.LLBBridge/") + method;
  setup.metadata = {{"buildkit-controlapi-buildid", build_}};
  setup.message = std::move(message);
  setup.changed = changed_;
  return setup;
}

void Question::start(Channel& channel, std::function<void()> changed) {
  channel_ = &channel;
  changed_ = std::move(changed);
  asked_ = channel_->start(setup("Solve", std::move(message_)));
}

void Question::advance() {
  if (asked_ == nullptr || returned_ != nullptr || !asked_->end()) {
    return;
  }
  const CallEnd end = *asked_->end();
  gateway::ReturnRequest answer;
  gateway::SolveResponse response;
  const std::optional<std::string> bytes = asked_->read();
  if (!end.status.ok()) {
    *answer.mutable_error() = as_error(end);
  } else if (!bytes || !response.ParseFromString(*bytes)) {
    *answer.mutable_error() =
        as_error({{Code::kInternal, "the frontend's answer does not parse"}, "", false, false});
  } else {
    *answer.mutable_result()->mutable_metadata() = response.result().metadata();
    answer_ = Metadata(response.result().metadata().begin(), response.result().metadata().end());
  }
  returned_ = channel_->start(setup("Return", answer.SerializeAsString()));
}

std::string question_of(const json::value& plan) {
  const json::value* call = field_of(plan, "call");
  return call == nullptr ? std::string() : std::string(text_of(*call, "method"));
}

}  // namespace ktl::solver
