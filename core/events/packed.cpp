#include "core/events/packed.h"

#include <array>
#include <cstring>
#include <type_traits>

namespace ktl {
namespace {

template <class Number>
void put(Number number, std::string& out) {
  static_assert(std::is_trivially_copyable_v<Number>);
  std::array<char, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  out.append(bytes.data(), bytes.size());
}

void put_text(std::string_view text, std::string& out) {
  put(text.size(), out);
  out += text;
}

void put_members(const json::object& object, std::string& out);

void put_value(const json::value& value, std::string& out) {
  put(value.kind(), out);
  switch (value.kind()) {
    case json::kind::null:
      return;
    case json::kind::bool_:
      return put(value.get_bool(), out);
    case json::kind::int64:
      return put(value.get_int64(), out);
    case json::kind::uint64:
      return put(value.get_uint64(), out);
    case json::kind::double_:
      return put(value.get_double(), out);
    case json::kind::string:
      return put_text(value.get_string(), out);
    case json::kind::array:
      put(value.get_array().size(), out);
      for (const json::value& element : value.get_array()) {
        put_value(element, out);
      }
      return;
    case json::kind::object:
      return put_members(value.get_object(), out);
  }
}

void put_members(const json::object& object, std::string& out) {
  put(object.size(), out);
  for (const auto& [name, value] : object) {
    put_text(name, out);
    put_value(value, out);
  }
}

// Takes things off the front of some bytes; what is not there any more is 0 or empty, and torn().
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool torn() const { return torn_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  template <class Number>
  Number number() {
    Number number{};
    const std::string_view bytes = take(sizeof number);
    if (!bytes.empty()) {  // what is torn has no bytes at all
      std::memcpy(&number, bytes.data(), bytes.size());
    }
    return number;
  }

  std::string_view text() { return take(number<size_t>()); }

  json::object members() {
    json::object object;
    for (size_t left = number<size_t>(); left > 0 && !torn_; --left) {
      const std::string_view name = text();
      if (torn_) {
        break;
      }
      object.emplace(name, value());
    }
    return object;
  }

 private:
  std::string_view take(size_t size) {
    torn_ = torn_ || size > rest_.size();
    if (torn_) {
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  json::array elements() {
    json::array array;
    for (size_t left = number<size_t>(); left > 0 && !torn_; --left) {
      array.push_back(value());
    }
    return array;
  }

  json::value value() {
    switch (number<json::kind>()) {
      case json::kind::null:
        return nullptr;
      case json::kind::bool_:
        return number<bool>();
      case json::kind::int64:
        return number<int64_t>();
      case json::kind::uint64:
        return number<uint64_t>();
      case json::kind::double_:
        return number<double>();
      case json::kind::string:
        return json::value(text());
      case json::kind::array:
        return elements();
      case json::kind::object:
        return members();
    }
    torn_ = true;
    return nullptr;
  }

  std::string_view rest_;
  bool torn_ = false;
};

}  // namespace

void pack(const Event& event, std::string& out) {
  put(event.seq, out);
  put(event.time_ns, out);
  put_text(event.build, out);
  put_text(event.type, out);
  put_members(event.body, out);
}

Result<Event> unpack(std::string_view& bytes) {
  Reader reader(bytes);
  Event event;
  event.seq = reader.number<uint64_t>();
  event.time_ns = reader.number<int64_t>();
  event.build = reader.text();
  event.type = reader.text();
  event.body = reader.members();
  if (reader.torn()) {
    return Status(Code::kDataLoss, "an event in a file of our own is torn");
  }
  bytes = reader.rest();
  return event;
}

}  // namespace ktl
