#include "core/document/schema_rules.h"

#include <algorithm>
#include <array>
#include <regex>

namespace ktl {
namespace {

constexpr size_t kMaxNodes = 10'000;
constexpr int kMaxDepth = 32;
constexpr size_t kMaxPattern = 256;
constexpr std::string_view kDefinitions = "#/definitions/";

// What stands behind a keyword.
enum class Operand { kAnything, kSchema, kSchemas, kNamedSchemas, kPattern, kLength, kReference };
struct Keyword {
  std::string_view name;
  Operand operand;
};

constexpr std::array<Keyword, 31> kKeywords = {{
    {"$schema", Operand::kAnything},
    {"$id", Operand::kAnything},
    {"title", Operand::kAnything},
    {"description", Operand::kAnything},
    {"default", Operand::kAnything},
    {"examples", Operand::kAnything},
    {"$ref", Operand::kReference},
    {"definitions", Operand::kNamedSchemas},
    {"type", Operand::kAnything},
    {"properties", Operand::kNamedSchemas},
    {"required", Operand::kAnything},
    {"additionalProperties", Operand::kSchema},
    {"minProperties", Operand::kAnything},
    {"maxProperties", Operand::kAnything},
    {"items", Operand::kSchema},
    {"minItems", Operand::kAnything},
    {"maxItems", Operand::kAnything},
    {"uniqueItems", Operand::kAnything},
    {"enum", Operand::kAnything},
    {"const", Operand::kAnything},
    {"pattern", Operand::kPattern},
    {"minLength", Operand::kLength},
    {"maxLength", Operand::kLength},
    {"minimum", Operand::kAnything},
    {"maximum", Operand::kAnything},
    {"exclusiveMinimum", Operand::kAnything},
    {"exclusiveMaximum", Operand::kAnything},
    {"anyOf", Operand::kSchemas},
    {"oneOf", Operand::kSchemas},
    {"allOf", Operand::kSchemas},
    {"not", Operand::kSchema},
}};

Status fault(const std::string& path, const std::string& what) {
  return {Code::kInvalidArgument, "schema " + (path.empty() ? "/" : path) + ": " + what};
}

std::string_view as_view(const json::string& text) { return {text.data(), text.size()}; }

Status check_pattern(const std::string& path, const json::value& operand) {
  if (!operand.is_string() || operand.get_string().size() > kMaxPattern) {
    return fault(path, "must be a regular expression of at most 256 bytes");
  }
  try {
    std::regex compiled(operand.get_string().c_str());
  } catch (const std::regex_error&) {
    return fault(path, "is not a regular expression (ECMAScript)");
  }
  return {};
}

class Rules {
 public:
  explicit Rules(const json::value& root) : root_(root) {}

  Status schema(const std::string& path, const json::value& node, int depth) {
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes) {
      return fault(path, "the schema is too large: at most 32 levels and 10000 nodes");
    }
    if (node.is_bool()) {
      return {};
    }
    const auto* object = node.if_object();
    if (object == nullptr) {
      return fault(path, "must be an object or a boolean");
    }
    for (const auto& [name, operand] : *object) {
      KTL_TRY(keyword(path, {name.data(), name.size()}, operand, depth));
    }
    return {};
  }

 private:
  Status keyword(const std::string& path, std::string_view name, const json::value& operand,
                 int depth) {
    const auto* known = std::find_if(kKeywords.begin(), kKeywords.end(),
                                     [&](const Keyword& k) { return k.name == name; });
    std::string here = path + pointer_step(name);
    if (known == kKeywords.end()) {
      return fault(here, "is not among the keywords that ktl knows");
    }
    switch (known->operand) {
      case Operand::kAnything:
        return {};
      case Operand::kSchema:
        return schema(here, operand, depth + 1);
      case Operand::kSchemas:
        return schemas(here, operand, depth);
      case Operand::kNamedSchemas:
        return named_schemas(here, operand, depth);
      case Operand::kPattern:
        return check_pattern(here, operand);
      case Operand::kLength:
        return length(here, operand);
      case Operand::kReference:
        return reference(here, operand);
    }
    return {};
  }

  Status schemas(const std::string& path, const json::value& operand, int depth) {
    if (!operand.is_array() || operand.get_array().empty()) {
      return fault(path, "must be a list of schemas");
    }
    for (size_t i = 0; i < operand.get_array().size(); ++i) {
      KTL_TRY(schema(path + "/" + std::to_string(i), operand.get_array()[i], depth + 1));
    }
    return {};
  }

  Status named_schemas(const std::string& path, const json::value& operand, int depth) {
    if (!operand.is_object()) {
      return fault(path, "must be an object of schemas");
    }
    for (const auto& [name, node] : operand.get_object()) {
      KTL_TRY(schema(path + pointer_step({name.data(), name.size()}), node, depth + 1));
    }
    return {};
  }

  static Status length(const std::string& path, const json::value& operand) {
    boost::system::error_code error;
    auto number = operand.to_number<uint64_t>(error);
    if (error || number > kJudgedLength) {
      return fault(path, "must be a number of at most 1024");
    }
    return {};
  }

  // A definition that is nothing but a $ref could lead round in a circle without eating input.
  Status reference(const std::string& path, const json::value& operand) const {
    const json::value* target = nullptr;
    if (operand.is_string() && as_view(operand.get_string()).starts_with(kDefinitions)) {
      const auto* definitions = field_of(root_, "definitions");
      auto name = as_view(operand.get_string()).substr(kDefinitions.size());
      target = definitions == nullptr ? nullptr : field_of(*definitions, name);
    }
    if (target == nullptr || field_of(*target, "$ref") != nullptr) {
      return fault(path, "must name a schema below #/definitions/ that is not itself a $ref");
    }
    return {};
  }

  const json::value& root_;
  size_t nodes_ = 0;
};

}  // namespace

Status check_schema_rules(const json::value& schema) { return Rules(schema).schema("", schema, 0); }

const json::value* resolved_schema(const json::value& root, const json::value* node) {
  const auto* reference = node == nullptr ? nullptr : field_of(*node, "$ref");
  if (reference == nullptr) {
    return node;
  }
  const auto* definitions = field_of(root, "definitions");
  auto name = as_view(reference->get_string()).substr(kDefinitions.size());
  return definitions == nullptr ? nullptr : field_of(*definitions, name);
}

const json::value* member_schema(const json::value& root, const json::value* node,
                                 std::string_view name, bool in_array) {
  const auto* schema = resolved_schema(root, node);
  if (schema == nullptr) {
    return nullptr;
  }
  if (in_array) {
    return field_of(*schema, "items");
  }
  const auto* properties = field_of(*schema, "properties");
  const auto* member = properties == nullptr ? nullptr : field_of(*properties, name);
  return member != nullptr ? member : field_of(*schema, "additionalProperties");
}

}  // namespace ktl
