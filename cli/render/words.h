// Figures and whole events as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "core/events/event.h"

namespace ktl::cli {

std::string seconds(int64_t nanoseconds);  // "1.2s"
std::string span(int64_t nanoseconds);     // "1.2s", "2m05s", "1h02m"
std::string bytes(int64_t count);          // "512B", "1.5kB", "12.3MB": powers of ten, as docker

// What an event that concerns no single step says, one safe line each: messages, findings,
// finished pushes, warnings, lost events. Empty: nothing to say.
std::string sentence(const Event& event);

}  // namespace ktl::cli
