// One thing that happened during a build, as every subscriber sees it (docs/documents.md, Events).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ktl {

// Immutable once published, so that any number of threads may read it.
struct Event {
  uint64_t seq = 0;     // 1 for the first event of a build, then without holes
  int64_t time_ns = 0;  // since 1970-01-01T00:00:00Z
  std::string build;    // the build's id
  std::string type;     // versioned: "log/1"
  json::object body;
};

using EventPtr = std::shared_ptr<const Event>;

// One JSON object on one line, with the newline: the rawjson form.
std::string to_line(const Event& event);

// The reverse; the newline may be there or not. kInvalidArgument says what is missing.
Result<Event> event_from_line(std::string_view line);

// Bytes of memory an event roughly takes, for bounding queues. Never less than its text.
size_t weight_of(const Event& event);

// True for types of which a build has thousands and whose single loss a reader survives: log,
// progress, transfer. They are the first that an overfull queue gives up.
bool is_bulk(std::string_view type);

}  // namespace ktl
