// Events for tests of what is shown, written as their bodies.
#pragma once

#include <string>

#include "core/events/event.h"

namespace ktl::cli {

inline Event event(std::string type, const std::string& body) {
  return {.seq = 1, .type = std::move(type), .body = json::parse(body).as_object()};
}

inline Event started(const std::string& vertex, const std::string& name) {
  return event("vertex.started/1", R"({"vertex":")" + vertex + R"(","name":")" + name +
                                       R"(","started_ns":1000000000})");
}

inline Event completed(const std::string& vertex, const std::string& name,
                       const std::string& more = R"("cached":false,"error":"")") {
  return event("vertex.completed/1", R"({"vertex":")" + vertex + R"(","name":")" + name + "\"," +
                                         more +
                                         R"(,"started_ns":1000000000,"completed_ns":2250000000})");
}

inline Event log(const std::string& vertex, const std::string& text, int stream = 1) {
  return event("log/1", R"({"vertex":")" + vertex + R"(","stream":)" + std::to_string(stream) +
                            R"(,"text":)" + json::serialize(json::value(text)) + "}");
}

inline Event message(const std::string& level, const std::string& text) {
  return event("message/1", R"({"level":")" + level + R"(","plugin":"ktl.x","text":)" +
                                json::serialize(json::value(text)) + "}");
}

}  // namespace ktl::cli
