#include "core/events/event.h"

#include <algorithm>
#include <array>

namespace ktl {
namespace {

constexpr std::array<std::string_view, 5> kBulk = {"log/1", "network.request/1", "push/1",
                                                   "transfer/1", "vertex.progress/1"};

// What one member or element costs beyond its text: Boost.JSON keeps a value in 24 bytes and a
// member in 40, both in tables that grow by half.
constexpr size_t kPerValue = 64;

size_t weight_of_value(const json::value& value) {
  size_t weight = kPerValue;
  if (const auto* text = value.if_string()) {
    weight += text->size();
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) {
      weight += weight_of_value(element);
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      weight += member.key().size() + weight_of_value(member.value());
    }
  }
  return weight;
}

}  // namespace

std::string to_line(const Event& event) {
  std::string line = "{\"seq\":" + std::to_string(event.seq) +
                     ",\"time_ns\":" + std::to_string(event.time_ns) +
                     ",\"build\":" + json::serialize(json::string_view(event.build)) +
                     ",\"type\":" + json::serialize(json::string_view(event.type)) + ",\"body\":";
  line += json::serialize(event.body);
  line += "}\n";
  return line;
}

Result<Event> event_from_line(std::string_view line) {
  KTL_ASSIGN(json::value value, parse_json(line));
  const auto* body = field_of(value, "body");
  if (text_of(value, "type").empty() || body == nullptr || !body->is_object()) {
    return Status(Code::kInvalidArgument, "an event needs a type and a body");
  }
  Event event;
  event.seq = static_cast<uint64_t>(int_of(value, "seq"));
  event.time_ns = int_of(value, "time_ns");
  event.build = text_of(value, "build");
  event.type = text_of(value, "type");
  event.body = body->get_object();
  return event;
}

size_t weight_of(const Event& event) {
  size_t weight = sizeof(Event) + event.build.size() + event.type.size();
  for (const auto& member : event.body) {
    weight += member.key().size() + weight_of_value(member.value());
  }
  return weight;
}

bool is_bulk(std::string_view type) { return std::ranges::binary_search(kBulk, type); }

}  // namespace ktl
