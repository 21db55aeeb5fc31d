#include "control/history.h"

#include <functional>

#include "base/clock.h"
#include "base/sha256.h"
#include "content.pb.h"
#include "control.pb.h"

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;
using containerd::services::content::v1::ReadContentRequest;
using containerd::services::content::v1::ReadContentResponse;

constexpr int64_t kPatienceNs = 10'000'000'000;
constexpr int64_t kStepMs = 50;       // what has come is taken meanwhile, to make room
constexpr size_t kMaxPlatforms = 64;  // as images in ktl.solved/1

// Hands every message of the answer to `take` until the call has ended.
Status ask(Channel& channel, const char* path, std::string message,
           const std::function<Status(const std::string&)>& take) {
  const int64_t limit = system_clock().monotonic_ns() + kPatienceNs;
  const auto call = channel.start({.path = path, .message = std::move(message)});
  while (system_clock().monotonic_ns() < limit) {
    Result<CallEnd> end = call->wait(kStepMs);
    while (const std::optional<std::string> bytes = call->read()) {
      KTL_TRY(take(*bytes));
    }
    if (end.ok()) {
      return end->status;
    }
  }
  return {Code::kDeadlineExceeded, "the builder did not say in 10 s what it knows of the build"};
}

Result<std::string> read_blob(Channel& channel, const v1::Descriptor& descriptor) {
  const Status large(Code::kResourceExhausted, "what the builder says of the build is too large");
  if (descriptor.size() < 0 || static_cast<size_t>(descriptor.size()) > kMaxHistoryBlob) {
    return large;
  }
  ReadContentRequest request;
  request.set_digest(descriptor.digest());
  std::string bytes;
  KTL_TRY(ask(channel, "/containerd.services.content.v1.Content/Read", request.SerializeAsString(),
              [&](const std::string& message) {
                ReadContentResponse piece;
                if (!piece.ParseFromString(message)) {
                  return Status(Code::kDataLoss, "a blob of the build's record cannot be read");
                }
                bytes += piece.data();
                return bytes.size() > kMaxHistoryBlob ? large : Status();
              }));
  if (digest_of(bytes) != descriptor.digest()) {
    return Status(Code::kDataLoss, "a blob of the build's record is not what its digest names");
  }
  return bytes;
}

Status add_provenance(Channel& channel, const v1::BuildResultInfo& result, BuildHistory& history) {
  for (const v1::Descriptor& each : result.attestations()) {
    if (history.provenance.size() < kMaxPlatforms) {
      KTL_ASSIGN(std::string bytes, read_blob(channel, each));
      history.provenance.push_back(std::move(bytes));
    }
  }
  return {};
}

}  // namespace

Result<BuildHistory> history_of(Channel& channel, const std::string& ref) {
  v1::BuildHistoryRequest request;
  request.set_ref(ref);
  request.set_earlyexit(true);
  v1::BuildHistoryRecord record;
  KTL_TRY(ask(channel, "/moby.buildkit.v1.Control/ListenBuildHistory", request.SerializeAsString(),
              [&](const std::string& message) {
                v1::BuildHistoryEvent event;
                if (!event.ParseFromString(message)) {
                  return Status(Code::kDataLoss, "the build's record cannot be read");
                }
                if (event.record().ref() == ref) {
                  record = event.record();
                }
                return Status();
              }));
  if (record.ref().empty()) {
    return Status(Code::kNotFound, "the builder keeps no record of this build");
  }
  BuildHistory history;
  if (record.has_externalerror()) {
    KTL_ASSIGN(history.error, read_blob(channel, record.externalerror()));
  }
  KTL_TRY(add_provenance(channel, record.result(), history));
  for (const auto& [platform, result] : record.results()) {
    KTL_TRY(add_provenance(channel, result, history));
  }
  return history;
}

}  // namespace ktl::solver
