#include "control/client.h"

#include <algorithm>

#include "base/json.h"
#include "control.pb.h"
#include "session/direct.h"
#include "session/tunnel.h"

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;

constexpr int64_t kPatienceMs = 10'000;
constexpr int kMaxPlatforms = 256;

std::string platform_text(const pb::Platform& platform) {
  std::string text = platform.os() + "/" + platform.architecture();
  return platform.variant().empty() ? text : text + "/" + platform.variant();
}

std::vector<std::string> platforms_of(const v1::ListWorkersResponse& workers) {
  std::vector<std::string> found;
  for (const auto& worker : workers.record()) {
    for (const pb::Platform& platform : worker.platforms()) {
      std::string text = platform_text(platform);
      if (found.size() < kMaxPlatforms &&
          std::find(found.begin(), found.end(), text) == found.end()) {
        found.push_back(std::move(text));
      }
    }
  }
  return found;
}

// Waits for the one message that a call brings.
template <class Message>
Status answer(RemoteCall& call, Message& message) {
  KTL_ASSIGN(const CallEnd end, call.wait(kPatienceMs));
  KTL_TRY(end.status);
  const std::optional<std::string> bytes = call.read();
  return bytes && message.ParseFromString(*bytes)
             ? Status()
             : Status(Code::kUnavailable, "what answers there is no BuildKit");
}

}  // namespace

Result<BuilderInfo> ControlClient::info() {
  // Both at once: one round trip.
  const auto info_call = channel_->start({.path = "/moby.buildkit.v1.Control/Info"});
  const auto workers_call = channel_->start({.path = "/moby.buildkit.v1.Control/ListWorkers"});
  BuilderInfo info;
  v1::InfoResponse response;
  Status status = answer(*info_call, response);
  if (!status.ok() && status.code() != Code::kUnimplemented) {
    return status;
  }
  info.version = response.buildkitversion().version();
  v1::ListWorkersResponse workers;
  KTL_TRY(answer(*workers_call, workers));
  info.platforms = platforms_of(workers);
  info.state = workers.record().empty() ? "" : valid_utf8(workers.record(0).id().substr(0, 128));
  return info;
}

Result<std::unique_ptr<Session>> ControlClient::open_session(const SessionName& name,
                                                             const std::vector<Method>& methods) {
  if (dialer_ == nullptr) {
    return std::unique_ptr<Session>(std::make_unique<Tunnel>(*channel_, name, methods));
  }
  KTL_ASSIGN(std::unique_ptr<Carrier> carrier, dialer_(name, methods));
  return std::unique_ptr<Session>(std::make_unique<DirectSession>(std::move(carrier), methods));
}

}  // namespace ktl::solver
