#include "gateway/bridge.h"

namespace ktl::solver {
namespace {

namespace frontend = moby::buildkit::v1::frontend;

}  // namespace

google::rpc::Status as_error(const CallEnd& end) {
  google::rpc::Status error;
  if (end.details.empty() || !error.ParseFromString(end.details)) {
    error.set_code(static_cast<int32_t>(end.status.code()));
    error.set_message(end.status.message());
  }
  return error;
}

CallSetup bridge_call(const std::string& build, const char* method, std::string message,
                      std::function<void()> changed) {
  CallSetup setup;
  setup.path = std::string("/moby.buildkit.v1.frontend.LLBBridge/") + method;
  setup.metadata = {{"buildkit-controlapi-buildid", build}};
  setup.message = std::move(message);
  setup.changed = std::move(changed);
  return setup;
}

frontend::SolveRequest frontend_of(const moby::buildkit::v1::SolveRequest& request) {
  frontend::SolveRequest solve;
  solve.set_frontend(request.frontend());
  *solve.mutable_frontendopt() = request.frontendattrs();
  solve.set_allowresultreturn(true);
  solve.set_allowresultarrayref(true);
  return solve;
}

frontend::ReturnRequest answer_of(RemoteCall& asked) {
  const CallEnd end = asked.end().value_or(CallEnd());
  frontend::ReturnRequest answer;
  frontend::SolveResponse response;
  const std::optional<std::string> bytes = asked.read();
  if (!end.status.ok()) {
    *answer.mutable_error() = as_error(end);
  } else if (!bytes || !response.ParseFromString(*bytes)) {
    *answer.mutable_error() =
        as_error({{Code::kInternal, "the frontend's answer does not parse"}, "", false, false});
  } else {
    *answer.mutable_result() = response.result();
  }
  return answer;
}

}  // namespace ktl::solver
