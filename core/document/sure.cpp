#include "core/document/sure.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <regex>

#include "core/document/schema_rules.h"

namespace ktl {
namespace {

constexpr int kMaxDepth = 200;
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kSha256 = "sha256:";

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of(kHex) == std::string_view::npos;
}

bool is_digest(std::string_view text) {
  return text.starts_with(kSha256) && is_hash(text.substr(kSha256.size()));
}

// What the documents ask most; a regular expression for them takes longer to make than all else.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern == "^sha256:[0-9a-f]{64}$") {
    return is_digest(text);
  }
  if (pattern == "^(sha256:[0-9a-f]{64})?$") {
    return text.empty() || is_digest(text);
  }
  if (pattern == "^[0-9a-f]{64}$") {
    return is_hash(text);
  }
  static std::mutex mutex;
  static std::map<std::string, std::regex, std::less<>> made;
  const std::lock_guard lock(mutex);
  auto found = made.find(pattern);
  if (found == made.end()) {
    found = made.emplace(pattern, std::regex(pattern.data(), pattern.size())).first;
  }
  return std::regex_search(text.begin(), text.end(), found->second);
}

bool has_type(std::string_view type, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return type == "null";
    case json::kind::bool_:
      return type == "boolean";
    case json::kind::int64:
      return type == "integer" || type == "number";
    case json::kind::uint64:  // no integer to valijson
    case json::kind::double_:
      return type == "number";
    case json::kind::string:
      return type == "string";
    case json::kind::array:
      return type == "array";
    case json::kind::object:
      return type == "object";
  }
  return false;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// One schema and one value. Every keyword is a row of a table; what is no row is not sure.
class Judge {
 public:
  explicit Judge(const json::value& root) : root_(root) {}

  bool follows(const json::value& schema, const json::value& value, int depth) const {
    const auto* keywords = schema.if_object();
    if (keywords == nullptr || depth > kMaxDepth) {
      return schema.is_bool() && schema.get_bool();
    }
    const View view{*this, schema, value, depth + 1};
    return std::ranges::all_of(*keywords, [&](const auto& keyword) {
      const auto* rule = std::ranges::find(kRules, std::string_view(keyword.key()), &Rule::name);
      return rule != kRules.end() && (rule->holds == nullptr || rule->holds(view, keyword.value()));
    });
  }

 private:
  struct View {
    const Judge& judge;
    const json::value& schema;  // an object
    const json::value& value;
    int depth;  // of what is below

    [[nodiscard]] bool below(const json::value& other, const json::value& part) const {
      return judge.follows(other, part, depth);
    }
    [[nodiscard]] bool same(const json::value& other) const { return below(other, value); }
  };
  using Operand = const json::value&;
  struct Rule {
    std::string_view name;
    bool (*holds)(const View&, Operand);  // null: says nothing about values
  };

  static bool reference(const View& view, Operand) {
    const json::value* target = resolved_schema(view.judge.root_, &view.schema);
    return target != nullptr && view.same(*target);
  }
  static bool type(const View& view, Operand operand) {
    auto is = [&](Operand name) { return has_type(name.as_string(), view.value); };
    return operand.is_array() ? std::ranges::any_of(operand.get_array(), is) : is(operand);
  }
  // Each member is judged by its own schema, or by that of all others.
  static bool members(const View& view, Operand) {
    const auto* object = view.value.if_object();
    const json::value* known = field_of(view.schema, "properties");
    const json::value* others = field_of(view.schema, "additionalProperties");
    return object == nullptr || std::ranges::all_of(*object, [&](const auto& member) {
             const json::value* own =
                 known == nullptr ? nullptr : known->as_object().if_contains(member.key());
             const json::value* schema = own == nullptr ? others : own;
             return member.key().size() <= kJudgedLength &&
                    (schema == nullptr || view.below(*schema, member.value()));
           });
  }
  static bool additional(const View& view, Operand operand) {
    return field_of(view.schema, "properties") != nullptr || members(view, operand);
  }
  static bool required(const View& view, Operand operand) {
    const auto* object = view.value.if_object();
    return object == nullptr || std::ranges::all_of(operand.as_array(), [&](Operand name) {
             return object->contains(name.as_string());
           });
  }
  static bool items(const View& view, Operand operand) {
    const auto* array = view.value.if_array();
    return array == nullptr || std::ranges::all_of(*array, [&](const json::value& element) {
             return view.below(operand, element);
           });
  }
  static bool any_of(const View& view, Operand operand) {
    return std::ranges::any_of(operand.as_array(), [&](Operand each) { return view.same(each); });
  }
  static bool all_of(const View& view, Operand operand) {
    return std::ranges::all_of(operand.as_array(), [&](Operand each) { return view.same(each); });
  }
  static bool whole(const json::value& value) {
    return !value.is_string() || value.get_string().size() <= kJudgedLength;
  }
  static bool equals(const View& view, Operand operand) {
    return !view.value.is_structured() && whole(view.value) &&
           view.value.kind() == operand.kind() && view.value == operand;
  }
  static bool one_of_values(const View& view, Operand operand) {
    return std::ranges::any_of(operand.as_array(),
                               [&](Operand each) { return equals(view, each); });
  }
  static bool pattern(const View& view, Operand operand) {
    return !view.value.is_string() ||
           (whole(view.value) && matches(operand.as_string(), view.value.get_string()));
  }

  template <class Sign>
  static bool bounds(const View& view, Operand operand) {
    return !view.value.is_number() ||
           Sign()(view.value.to_number<double>(), operand.to_number<double>());
  }
  // `Kind` says how much there is of a value, none of one of another kind.
  template <std::optional<size_t> (*Size)(const json::value&), class Sign>
  static bool counts(const View& view, Operand operand) {
    const std::optional<size_t> size = Size(view.value);
    return !size || Sign()(static_cast<double>(*size), operand.to_number<double>());
  }
  static std::optional<size_t> length(const json::value& value) {
    return value.is_string() ? std::optional(characters(value.get_string())) : std::nullopt;
  }
  static std::optional<size_t> elements(const json::value& value) {
    return value.is_array() ? std::optional(value.get_array().size()) : std::nullopt;
  }
  static std::optional<size_t> names(const json::value& value) {
    return value.is_object() ? std::optional(value.get_object().size()) : std::nullopt;
  }

  static const std::array<Rule, 28> kRules;
  const json::value& root_;
};

const std::array<Judge::Rule, 28> Judge::kRules = {{
    {"type", &Judge::type},
    {"properties", &Judge::members},
    {"required", &Judge::required},
    {"$ref", &Judge::reference},
    {"items", &Judge::items},
    {"description", nullptr},
    {"enum", &Judge::one_of_values},
    {"const", &Judge::equals},
    {"minLength", &Judge::counts<&Judge::length, std::greater_equal<>>},
    {"maxLength", &Judge::counts<&Judge::length, std::less_equal<>>},
    {"maxItems", &Judge::counts<&Judge::elements, std::less_equal<>>},
    {"minItems", &Judge::counts<&Judge::elements, std::greater_equal<>>},
    {"pattern", &Judge::pattern},
    {"minimum", &Judge::bounds<std::greater_equal<>>},
    {"maximum", &Judge::bounds<std::less_equal<>>},
    {"exclusiveMinimum", &Judge::bounds<std::greater<>>},
    {"exclusiveMaximum", &Judge::bounds<std::less<>>},
    {"maxProperties", &Judge::counts<&Judge::names, std::less_equal<>>},
    {"minProperties", &Judge::counts<&Judge::names, std::greater_equal<>>},
    {"anyOf", &Judge::any_of},
    {"allOf", &Judge::all_of},
    {"additionalProperties", &Judge::additional},
    {"default", nullptr},
    {"title", nullptr},
    {"examples", nullptr},
    {"definitions", nullptr},
    {"$schema", nullptr},
    {"$id", nullptr},
}};

}  // namespace

bool surely_follows(const json::value& schema, const json::value& document) {
  return Judge(schema).follows(schema, document, 0);
}

}  // namespace ktl
