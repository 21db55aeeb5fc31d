// JSON as ktl uses it: Boost.JSON in memory, bounded on the way in, named fields on the way out.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl {

namespace json = boost::json;

// Parses one JSON text (RFC 8259): UTF-8, depth <= 64, size <= `limit` bytes, no duplicate keys
// (two values for one name would let two readers see two documents). Errors name the byte offset.
Result<json::value> parse_json(std::string_view text, size_t limit = 16U << 20U);

// Fields of an object, with a default when absent or of another type: for documents that were
// validated against their schema before. What is returned by view or pointer lives as long as the
// document it was taken from, which therefore has to be somebody's own and no temporary.
std::string_view text_of(const json::object& object, std::string_view key,
                         std::string_view fallback = {});
std::string_view text_of(const json::value& object, std::string_view key,
                         std::string_view fallback = {});
std::string_view text_of(json::object&& object, std::string_view key,
                         std::string_view fallback = {}) = delete;
std::string_view text_of(json::value&& object, std::string_view key,
                         std::string_view fallback = {}) = delete;
bool bool_of(const json::object& object, std::string_view key, bool fallback = false);
bool bool_of(const json::value& object, std::string_view key, bool fallback = false);
int64_t int_of(const json::object& object, std::string_view key, int64_t fallback = 0);
int64_t int_of(const json::value& object, std::string_view key, int64_t fallback = 0);
std::vector<std::string> texts_of(const json::object& object, std::string_view key);
std::vector<std::string> texts_of(const json::value& object, std::string_view key);
// nullptr when absent.
const json::value* field_of(const json::object& object, std::string_view key);
const json::value* field_of(const json::value& object, std::string_view key);
const json::value* field_of(json::object&& object, std::string_view key) = delete;
const json::value* field_of(json::value&& object, std::string_view key) = delete;

// Two spaces of indent, keys in insertion order, a newline at the end: for files people open.
std::string pretty_json(const json::value& value);

// `name` as one step of a JSON pointer (RFC 6901): "/" and the escaped name.
std::string pointer_step(std::string_view name);

bool is_utf8(std::string_view text);

// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD, so that names from
// disks and daemons can ride in JSON.
std::string valid_utf8(std::string_view text);

}  // namespace ktl
