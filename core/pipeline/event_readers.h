// The plugins that receive a build's events (ktl.events/1).
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "core/events/bus.h"
#include "core/pipeline/plugins.h"

namespace ktl {

// Subscribes plugins for as long as it lives. Each gets batches on its subscription's own thread;
// one that fails is told about once and gets no more; one that is slow loses events and holds
// nobody up. Thread rule: one thread.
class EventReaders {
 public:
  // Bus and plugins outlive this.
  EventReaders(Bus& bus, const std::vector<StagePlugin*>& plugins);
  EventReaders(const EventReaders&) = delete;
  EventReaders& operator=(const EventReaders&) = delete;
  // Lets them take what there is, all together for at most `kLastWords`, then stops them and waits
  // until no plugin is being called any more.
  ~EventReaders();

  static constexpr std::chrono::seconds kLastWords{5};
  static constexpr size_t kMaxEvents = 1024;      // of a batch
  static constexpr size_t kMaxBytes = 8U << 20U;  // of a batch of several, by weight_of

 private:
  class Reader;

  Bus& bus_;
  std::vector<std::shared_ptr<Reader>> readers_;
};

}  // namespace ktl
