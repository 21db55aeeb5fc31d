#include "network.h"

#include "base/clock.h"
#include "base/json.h"
#include "host_credentials.h"

namespace ktl::export_oci {
namespace {

constexpr int64_t kReportNs = 100'000'000;
constexpr int64_t kUndoMs = 10'000;

std::function<bool()> undo_stop() {
  int64_t until = system_clock().monotonic_ns() + kUndoMs * 1'000'000;
  return [until] { return system_clock().monotonic_ns() > until; };
}

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

Network::Network(const Call& call, const std::vector<oci::RegistryRule>& rules, Direction direction)
    : client_(direction == Direction::kForward ? call.cancel_fd() : -1),
      routed_(client_, rules),
      reporter_(call) {
  port_.transport = &routed_;
  port_.rules = rules;
  port_.credentials = host_credentials(call);
  bool forward = direction == Direction::kForward;
  port_.stop = forward ? stop_of(call) : undo_stop();
  port_.timeout_ms = forward ? 0 : kUndoMs;
  port_.progress = [this](const std::string& name, const oci::Descriptor& blob, int64_t sent,
                          bool done) { reporter_.report(name, blob, sent, done); };
}

}  // namespace ktl::export_oci
