// Fields of an event's body without copying it, with a default when absent or of another type.
#pragma once

#include <string_view>

#include "base/json.h"

namespace ktl::cli {

inline std::string_view text_in(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

inline int64_t int_in(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  boost::system::error_code error;
  int64_t number = value == nullptr ? 0 : value->to_number<int64_t>(error);
  return error ? 0 : number;
}

inline bool bool_in(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// Null when absent or no object.
inline const json::object* object_in(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

}  // namespace ktl::cli
