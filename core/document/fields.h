// Small conversions between JSON and the typed documents.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace ktl {

json::array to_array(const std::vector<std::string>& texts);
json::object to_object(const std::map<std::string, std::string>& texts);

// The members of the object at `key` that are texts; empty when absent.
std::map<std::string, std::string> text_map_of(const json::value& object, std::string_view key);

// The array or object at `key`; empty when absent.
json::array array_of(const json::object& object, std::string_view key);
json::array array_of(const json::value& object, std::string_view key);
json::object object_of(const json::object& object, std::string_view key);
json::object object_of(const json::value& object, std::string_view key);

}  // namespace ktl
