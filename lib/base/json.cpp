#include "base/json.h"

#include <boost/json/src.hpp>  // the library itself: Debian's static one is not position independent

#include <algorithm>

namespace ktl {
namespace {

// boost::json keeps the last of two equal keys; ktl refuses such a text instead. The handler
// walks the text once more and keeps one set of names per open object.
struct DuplicateKeys {
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  using Error = boost::system::error_code;

  std::vector<std::vector<std::string>> open;
  std::string key;
  std::string duplicate;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Error& error) {
    auto& names = open.back();
    std::sort(names.begin(), names.end());
    auto twin = std::adjacent_find(names.begin(), names.end());
    if (twin != names.end()) {
      duplicate = *twin;
      error = json::error::syntax;
      return false;
    }
    open.pop_back();
    return true;
  }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t, Error&) { return true; }
  bool on_key_part(json::string_view text, std::size_t, Error&) {
    key.append(text.data(), text.size());
    return true;
  }
  bool on_key(json::string_view text, std::size_t, Error&) {
    key.append(text.data(), text.size());
    open.back().push_back(std::move(key));
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Error&) { return true; }
  bool on_string(json::string_view, std::size_t, Error&) { return true; }
  bool on_number_part(json::string_view, Error&) { return true; }
  bool on_int64(int64_t, json::string_view, Error&) { return true; }
  bool on_uint64(uint64_t, json::string_view, Error&) { return true; }
  bool on_double(double, json::string_view, Error&) { return true; }
  bool on_bool(bool, Error&) { return true; }
  bool on_null(Error&) { return true; }
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }
};

json::parse_options bounded() {
  json::parse_options options;
  options.max_depth = 64;
  return options;
}

void pretty(const json::value& value, const std::string& indent, std::string& out) {
  const std::string deeper = indent + "  ";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    const char* separator = "{\n";
    for (const auto& [name, member] : *object) {
      out += separator + deeper + json::serialize(json::string(name)) + ": ";
      pretty(member, deeper, out);
      separator = ",\n";
    }
    out += "\n" + indent + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    const char* separator = "[\n";
    for (const auto& element : *array) {
      out += separator + deeper;
      pretty(element, deeper, out);
      separator = ",\n";
    }
    out += "\n" + indent + "]";
  } else {
    out += json::serialize(value);
  }
}

// Length of the valid UTF-8 sequence at the start of `text` (RFC 3629), 0 when it is not valid.
size_t sequence_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  auto tail = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  unsigned lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return tail(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    bool overlong = lead == 0xF0 && byte(1) < 0x90;
    bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, size_t limit) {
  if (text.size() > limit) {
    return Status(Code::kResourceExhausted, "JSON of " + std::to_string(text.size()) +
                                                " bytes, limit " + std::to_string(limit));
  }
  boost::system::error_code error;
  json::basic_parser<DuplicateKeys> keys(bounded());
  size_t used = keys.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size() &&
      text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
    error = json::error::extra_data;
  }
  if (!keys.handler().duplicate.empty()) {
    return Status(Code::kInvalidArgument, "duplicate key \"" + keys.handler().duplicate + "\"");
  }
  if (error) {
    return Status(Code::kInvalidArgument,
                  "not JSON at byte " + std::to_string(used) + ": " + error.message());
  }
  auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, bounded());
  if (error) {
    return Status(Code::kInvalidArgument, "not JSON: " + error.message());
  }
  return value;
}

namespace {

std::string_view text_in(const json::value* field, std::string_view fallback) {
  const json::string* text = field == nullptr ? nullptr : field->if_string();
  return text == nullptr ? fallback : std::string_view(text->data(), text->size());
}

bool bool_in(const json::value* field, bool fallback) {
  const bool* truth = field == nullptr ? nullptr : field->if_bool();
  return truth == nullptr ? fallback : *truth;
}

int64_t int_in(const json::value* field, int64_t fallback) {
  if (field == nullptr) {
    return fallback;
  }
  boost::system::error_code error;
  auto number = field->to_number<int64_t>(error);
  return error ? fallback : number;
}

std::vector<std::string> texts_in(const json::value* field) {
  std::vector<std::string> texts;
  if (field != nullptr && field->is_array()) {
    for (const auto& element : field->get_array()) {
      if (element.is_string()) {
        texts.emplace_back(element.get_string());
      }
    }
  }
  return texts;
}

}  // namespace

const json::value* field_of(const json::object& object, std::string_view key) {
  return object.if_contains(json::string_view(key));
}
const json::value* field_of(const json::value& object, std::string_view key) {
  const auto* members = object.if_object();
  return members == nullptr ? nullptr : field_of(*members, key);
}

std::string_view text_of(const json::object& object, std::string_view key,
                         std::string_view fallback) {
  return text_in(field_of(object, key), fallback);
}
std::string_view text_of(const json::value& object, std::string_view key,
                         std::string_view fallback) {
  return text_in(field_of(object, key), fallback);
}

bool bool_of(const json::object& object, std::string_view key, bool fallback) {
  return bool_in(field_of(object, key), fallback);
}
bool bool_of(const json::value& object, std::string_view key, bool fallback) {
  return bool_in(field_of(object, key), fallback);
}

int64_t int_of(const json::object& object, std::string_view key, int64_t fallback) {
  return int_in(field_of(object, key), fallback);
}
int64_t int_of(const json::value& object, std::string_view key, int64_t fallback) {
  return int_in(field_of(object, key), fallback);
}

std::vector<std::string> texts_of(const json::object& object, std::string_view key) {
  return texts_in(field_of(object, key));
}
std::vector<std::string> texts_of(const json::value& object, std::string_view key) {
  return texts_in(field_of(object, key));
}

std::string pretty_json(const json::value& value) {
  std::string out;
  pretty(value, "", out);
  return out + "\n";
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      length = 1;
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string pointer_step(std::string_view name) {
  std::string step = "/";
  for (char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

}  // namespace ktl
