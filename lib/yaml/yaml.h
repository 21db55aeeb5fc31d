// YAML as ktl reads it: one document into JSON, with the place of every value.
//
// YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema): `off`, `010` and `1:30`
// are what they look like. Whatever lets two readers see two documents is refused with its line and
// column: duplicate keys, anchors and aliases, merge keys, tags, directives, several documents,
// keys that are not text, numbers that JSON or 64 bits cannot hold; and more than 1 MiB or 32
// levels, and what would take much more memory than its text.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// From 1, columns in characters.
struct YamlPosition {
  size_t line = 1;
  size_t column = 1;
};

struct YamlDocument {
  json::value value;                                           // null for an empty file
  std::map<std::string, YamlPosition, std::less<>> positions;  // by JSON pointer; of the key

  // "<file>:<line>:<column>" of `pointer`, or of the nearest value around it.
  [[nodiscard]] std::string locate(std::string_view file, std::string_view pointer) const;
};

// `file` is for Status::where only. Every failure is kInvalidArgument.
Result<YamlDocument> parse_yaml(std::string_view text, std::string_view file);

}  // namespace ktl
