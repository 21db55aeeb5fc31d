#include "control/client.h"

#include <algorithm>
#include <chrono>

#include "transport/channel.h"

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;

constexpr std::chrono::seconds kPatience{10};
constexpr int kMaxPlatforms = 256;

Status unreachable(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return {Code::kUnavailable, "the builder did not answer within 10 s"};
  }
  return {Code::kUnavailable, from_grpc(status).message()};
}

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

}  // namespace

ControlClient::ControlClient(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(v1::Control::NewStub(channel)) {}

Result<BuilderInfo> ControlClient::info() {
  BuilderInfo info;
  {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::InfoResponse response;
    const grpc::Status status = stub_->Info(&context, {}, &response);
    if (!status.ok() && status.error_code() != grpc::StatusCode::UNIMPLEMENTED) {
      return unreachable(status);
    }
    info.version = response.buildkitversion().version();
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::ListWorkersResponse workers;
  if (const grpc::Status status = stub_->ListWorkers(&context, {}, &workers); !status.ok()) {
    return unreachable(status);
  }
  info.platforms = platforms_of(workers);
  return info;
}

}  // namespace ktl::solver
