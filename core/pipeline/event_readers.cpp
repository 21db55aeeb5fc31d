#include "core/pipeline/event_readers.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace ktl {
namespace {

constexpr int64_t kCallNs = 60'000'000'000;
constexpr std::chrono::hours kForEver(1);
constexpr int64_t kGraceNs = 1'000'000'000;  // for a plugin that is told to stop

json::object to_json(const Event& event) {
  return {{"seq", static_cast<int64_t>(event.seq)},
          {"time_ns", event.time_ns},
          {"build", event.build},
          {"type", event.type},
          {"body", event.body}};
}

}  // namespace

// One plugin's subscription. Thread rule: take() on the subscription's thread, stop() on any.
class EventReaders::Reader {
 public:
  Reader(Bus& bus, StagePlugin& plugin) : bus_(bus), plugin_(plugin) {}

  [[nodiscard]] std::string name() const { return "plugin " + plugin_.identity().id; }

  void take(std::span<const EventPtr> events) {
    json::array batch;
    size_t bytes = 0;
    for (const EventPtr& event : events) {
      const size_t weight = weight_of(*event);
      if (batch.size() == kMaxEvents || (!batch.empty() && bytes + weight > kMaxBytes)) {
        deliver(std::exchange(batch, {}));
        bytes = 0;
      }
      bytes += weight;
      batch.push_back(to_json(*event));
    }
    if (!batch.empty()) {
      deliver(std::move(batch));
    }
  }

  void stop() {
    stop_.cancel();
    tell("had not taken all events " + std::to_string(kLastWords.count()) +
         " s after the end of the build; the rest is lost to it");
  }

 private:
  void deliver(json::array batch) {
    if (ended_ || stop_.cancelled()) {
      return;
    }
    const CallContext context{.deadline_ns = system_clock().monotonic_ns() + kCallNs,
                              .cancel = &stop_,
                              .grace_ns = kGraceNs};
    const Status status = plugin_.invoke(verbs::kOnEvents, std::move(batch), context).status();
    ended_ = !status.ok();
    if (ended_ && !stop_.cancelled()) {
      tell("gets no more events of this build: " + status.message());
    }
  }

  void tell(const std::string& text) {
    bus_.publish(
        "message/1",
        {{"level", "warn"}, {"plugin", plugin_.identity().id}, {"text", valid_utf8(text)}});
  }

  Bus& bus_;
  StagePlugin& plugin_;
  CancelToken stop_;
  bool ended_ = false;
};

EventReaders::EventReaders(Bus& bus, const std::vector<StagePlugin*>& plugins) : bus_(bus) {
  for (StagePlugin* plugin : plugins) {
    auto reader = std::make_shared<Reader>(bus, *plugin);
    bus.subscribe({.name = reader->name(),
                   .sink = [reader](std::span<const EventPtr> events) { reader->take(events); },
                   .spill_folder = {},
                   .limits = {},
                   .at_once = true});
    readers_.push_back(std::move(reader));
  }
}

EventReaders::~EventReaders() {
  if (readers_.empty()) {
    return;
  }
  std::vector<std::string> names;
  for (const auto& reader : readers_) {
    names.push_back(reader->name());
  }
  const std::vector<std::string> slow = bus_.leave(names, kLastWords);
  for (const auto& reader : readers_) {
    if (std::ranges::find(slow, reader->name()) != slow.end()) {
      reader->stop();
    }
  }
  // A call that is told to stop comes back, whatever the plugin does.
  bus_.leave(slow, kForEver);
}

}  // namespace ktl
