#include "network.h"

#include "base/clock.h"
#include "base/json.h"
#include "host_credentials.h"

namespace ktl::export_oci {
namespace {

constexpr int64_t kReportNs = 100'000'000;

}  // namespace

std::function<bool()> stop_of(const Call& call) {
  return [&call] { return call.cancelled() || system_clock().monotonic_ns() > call.deadline_ns(); };
}

bool Reporter::due(const std::string& key, bool done) {
  int64_t now = system_clock().monotonic_ns();
  std::lock_guard lock(mutex_);
  int64_t& last = last_ns_[key];
  if (!done && now - last < kReportNs) {
    return false;
  }
  last = now;
  return true;
}

void Reporter::report(const std::string& name, const oci::Descriptor& blob, int64_t sent,
                      bool done) {
  if (due(name + blob.digest, done)) {
    call_.emit("push/1", json::serialize(json::object{{"name", name},
                                                      {"digest", blob.digest},
                                                      {"bytes", sent},
                                                      {"total", blob.size},
                                                      {"done", done}}));
  }
}

Network::Network(const Call& call) : client_(call.cancel_fd()), reporter_(call) {
  port_.transport = &client_;
  port_.credentials = host_credentials(call);
  port_.stop = stop_of(call);
  port_.progress = [this](const std::string& name, const oci::Descriptor& blob, int64_t sent,
                          bool done) { reporter_.report(name, blob, sent, done); };
}

}  // namespace ktl::export_oci
