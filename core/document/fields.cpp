#include "core/document/fields.h"

namespace ktl {
namespace {

json::array array_in(const json::value* field) {
  return field != nullptr && field->is_array() ? field->get_array() : json::array();
}

json::object object_in(const json::value* field) {
  return field != nullptr && field->is_object() ? field->get_object() : json::object();
}

}  // namespace

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) {
    out.emplace_back(text);
  }
  return out;
}

json::object to_object(const std::map<std::string, std::string>& texts) {
  json::object out;
  for (const auto& [key, text] : texts) {
    out.emplace(key, text);
  }
  return out;
}

std::map<std::string, std::string> text_map_of(const json::value& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  for (const auto& member : object_of(object, key)) {
    if (const auto* text = member.value().if_string()) {
      texts.emplace(member.key(), std::string(*text));
    }
  }
  return texts;
}

json::array array_of(const json::object& object, std::string_view key) {
  return array_in(field_of(object, key));
}
json::array array_of(const json::value& object, std::string_view key) {
  return array_in(field_of(object, key));
}

json::object object_of(const json::object& object, std::string_view key) {
  return object_in(field_of(object, key));
}
json::object object_of(const json::value& object, std::string_view key) {
  return object_in(field_of(object, key));
}

}  // namespace ktl
