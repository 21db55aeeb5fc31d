// JSON Schema as ktl speaks it: draft-07, a closed list of keywords, nothing fetched.
//
// Source: https://json-schema.org/draft-07/json-schema-validation.html. Keywords that are known:
// $schema $id title description default examples $ref (only "#/definitions/...") definitions type
// properties required additionalProperties minProperties maxProperties items
// minItems maxItems uniqueItems enum const pattern minLength maxLength minimum maximum
// exclusiveMinimum exclusiveMaximum anyOf oneOf allOf not. propertyNames is missing on purpose:
// valijson 1.0 judges names by the enclosing schema when that is behind a $ref.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// One thing that is wrong. `path` is a JSON pointer (RFC 6901) into the document, "" for the whole
// of it; an unknown key is pointed at itself.
struct Fault {
  std::string path;
  std::string message;
  std::string next;  // advice, may be empty
};

// Where a JSON pointer stands in a file people wrote ("ktl.yaml:4:7"); empty: not known.
using Locator = std::function<std::string(std::string_view path)>;

// A compiled schema. Immutable once made: any thread may use it; copies share what was compiled.
class Schema {
 public:
  // kInvalidArgument names the place in the schema: an unknown keyword, a $ref to elsewhere, a
  // pattern that is no regular expression (ECMAScript), a maxLength over 1024, more than 10000
  // nodes. The text form parses `text` first.
  static Result<Schema> compile(const json::value& schema);
  static Result<Schema> compile(std::string_view text);

  // For schemas that were found to follow the rules before: ktl's own, by its tests, and those in
  // manifests, when the plugin was looked at.
  static Result<Schema> compile_judged(json::value schema);

  // What is wrong with `document`: nothing when it is valid, else one to ten faults, those nearest
  // to the root first. Strings are judged by their first 1025 characters, which is all that a
  // pattern may cost.
  [[nodiscard]] std::vector<Fault> check(const json::value& document) const;

  // check() as a Status: the first fault as "<name>/<path>: <message>", kInvalidArgument.
  [[nodiscard]] Status validate(const json::value& document, std::string_view name,
                                const Locator& locate = {}) const;

  // `document` with the defaults of absent properties, at any depth of objects that are there.
  // Defaults behind anyOf, oneOf, allOf and not are left alone.
  [[nodiscard]] json::value with_defaults(const json::value& document) const;

 private:
  struct Compiled;
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace ktl
