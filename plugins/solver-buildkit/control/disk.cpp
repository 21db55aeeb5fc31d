#include "control/disk.h"

#include <optional>

#include "base/json.h"
#include "control.pb.h"
#include "transport/channel.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;

constexpr int64_t kPatienceMs = 30 * 60'000;  // gigabytes may have to be removed
constexpr int64_t kStepMs = 200;              // what has come is taken meanwhile, to make room
constexpr size_t kMaxRecords = 1U << 20U;
constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t time_of(const ktl::wellknown::Timestamp& time) {
  return time.seconds() * kNsPerSecond + time.nanos();
}

builder::CacheRecord record_of(const v1::UsageRecord& record) {
  return {.id = valid_utf8(record.id()),
          .type = valid_utf8(record.recordtype()),
          .description = valid_utf8(record.description()),
          .size = record.size(),
          .in_use = record.inuse(),
          .shared = record.shared(),
          .is_mutable = record.mutable_(),
          .used_count = record.usagecount(),
          .created_ns = time_of(record.createdat()),
          .last_used_ns = time_of(record.lastusedat())};
}

class ControlDisk : public builder::Disk {
 public:
  explicit ControlDisk(UniqueFd socket)
      : channel_(std::make_unique<SocketCarrier>(std::move(socket)), "localhost") {}

  Result<std::vector<builder::CacheRecord>> usage(
      const std::vector<std::string>& filters) override {
    v1::DiskUsageRequest request;
    request.mutable_filter()->Assign(filters.begin(), filters.end());
    std::vector<builder::CacheRecord> records;
    KTL_TRY(ask("DiskUsage", request, [&records](const std::string& bytes) {
      v1::DiskUsageResponse response;
      bool parsed = response.ParseFromString(bytes);
      for (const v1::UsageRecord& record : response.record()) {
        records.push_back(record_of(record));
      }
      return parsed;
    }));
    return records;
  }

  Result<std::vector<builder::CacheRecord>> prune(const builder::PruneOptions& options) override {
    v1::PruneRequest request;
    request.mutable_filter()->Assign(options.filters.begin(), options.filters.end());
    request.set_all(options.all);
    request.set_reservedspace(options.keep_bytes);
    request.set_keepduration(options.older_than_seconds * kNsPerSecond);
    std::vector<builder::CacheRecord> records;
    KTL_TRY(ask("Prune", request, [&records](const std::string& bytes) {
      v1::UsageRecord record;
      bool parsed = records.size() < kMaxRecords && record.ParseFromString(bytes);
      records.push_back(record_of(record));
      return parsed;
    }));
    return records;
  }

 private:
  // Hands every message of the answer to `take` until the call has ended.
  template <class Request, class Take>
  Status ask(const std::string& method, const Request& request, const Take& take) {
    const auto call = channel_.start(
        {.path = "/moby.buildkit.v1.Control/" + method, .message = request.SerializeAsString()});
    for (int64_t waited = 0; waited < kPatienceMs; waited += kStepMs) {
      Result<CallEnd> end = call->wait(kStepMs);
      while (const std::optional<std::string> bytes = call->read()) {
        if (!take(*bytes)) {
          return {Code::kDataLoss, "what the builder says of its disk cannot be read"};
        }
      }
      if (end.ok()) {
        return end->status;
      }
    }
    return {Code::kDeadlineExceeded, "the builder was not done with its disk in 30 minutes"};
  }

  Channel channel_;
};

}  // namespace

Result<std::unique_ptr<builder::Disk>> open_disk(const std::string& socket) {
  KTL_ASSIGN(UniqueFd fd, connect_unix(socket));
  return std::unique_ptr<builder::Disk>(std::make_unique<ControlDisk>(std::move(fd)));
}

}  // namespace ktl::solver
