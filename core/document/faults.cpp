#include "core/document/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/suggest.h"
#include "core/document/schema_rules.h"

namespace ktl {
namespace {

constexpr size_t kMaxFaults = 10;

// valijson says the same thing again on the way up; these add nothing.
constexpr std::array<std::string_view, 5> kEchoes = {
    "Failed to validate item #", "Failed to validate against additional properties schema",
    "Failed to validate against child schema #",
    "Failed to validate against schema associated with property name",
    "Failed to validate against a conditional schema"};

// A complaint that the schema's keyword explains: the words around its operand.
struct Phrase {
  std::string_view complaint;
  std::string_view keyword;
  std::string_view before;
  std::string_view after;
};
constexpr std::array<Phrase, 15> kPhrases = {{
    {"Failed to match expected value", "const", "must be ", ""},
    {"Failed to match regex", "pattern", "must match ", ""},
    {"String should be no more", "maxLength", "must have at most ", " characters"},
    {"String should be no fewer", "minLength", "must have at least ", " characters"},
    {"Array should contain no more", "maxItems", "must have at most ", " elements"},
    {"Array should contain no fewer", "minItems", "must have at least ", " elements"},
    {"Object should have no more", "maxProperties", "must have at most ", " keys"},
    {"Object should have no fewer", "minProperties", "must have at least ", " keys"},
    {"Expected number less than or equal", "maximum", "must be at most ", ""},
    {"Expected number greater than or equal", "minimum", "must be at least ", ""},
    {"Expected number less than", "exclusiveMaximum", "must be below ", ""},
    {"Expected number greater than", "exclusiveMinimum", "must be above ", ""},
    {"Elements at indexes", "uniqueItems", "must not hold anything twice", ""},
    {"Failed to validate against any schemas", "anyOf", "has none of the forms allowed here", ""},
    {"Failed to validate against any child", "oneOf", "has none of the forms allowed here", ""},
}};

struct TypeName {
  std::string_view schema;
  std::string_view words;
};
constexpr std::array<TypeName, 7> kTypes = {{{"string", "text"},
                                             {"integer", "a whole number"},
                                             {"number", "a number"},
                                             {"boolean", "true or false"},
                                             {"array", "a list"},
                                             {"object", "a mapping"},
                                             {"null", "nothing"}}};

std::string type_words(std::string_view type) {
  const auto* known = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeName& t) { return t.schema == type; });
  return std::string(known == kTypes.end() ? type : known->words);
}

std::string type_words_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a mapping";
    default:
      return "a number";
  }
}

std::string joined(const json::value& list, std::string (*words)(const json::value&)) {
  if (!list.is_array()) {
    return words(list);
  }
  std::string text;
  for (const auto& element : list.get_array()) {
    text += (text.empty() ? "" : &element == &list.get_array().back() ? " or " : ", ");
    text += words(element);
  }
  return text;
}

std::string quoted(const json::value& value) { return json::serialize(value); }
std::string type_of_keyword(const json::value& value) {
  return value.is_string() ? type_words(value.get_string()) : quoted(value);
}

// The value a complaint is about, and the schema it was judged by; both may be nullptr.
struct Place {
  std::string path;
  const json::value* value = nullptr;
  const json::value* schema = nullptr;
};

Place place_of(const json::value& schema, const json::value& document,
               std::span<const std::string> steps) {
  Place place{"", &document, &schema};
  for (const auto& step : steps) {
    bool in_array = place.value != nullptr && place.value->is_array();
    place.schema = member_schema(schema, place.schema, step, in_array);
    place.path += pointer_step(step);
    if (in_array) {
      size_t index = SIZE_MAX;
      std::from_chars(step.data(), step.data() + step.size(), index);
      place.value = place.value->get_array().if_contains(index);
    } else if (place.value != nullptr) {
      place.value = field_of(*place.value, step);
    }
  }
  place.schema = resolved_schema(schema, place.schema);
  return place;
}

std::vector<Fault> unknown_keys(const Place& place) {
  std::vector<Fault> faults;
  const auto* properties =
      place.schema == nullptr ? nullptr : field_of(*place.schema, "properties");
  if (place.value == nullptr || !place.value->is_object()) {
    return faults;
  }
  std::vector<std::string> known;
  if (properties != nullptr) {
    for (const auto& member : properties->get_object()) {
      known.emplace_back(member.key());
    }
  }
  for (const auto& member : place.value->get_object()) {
    std::string name(member.key());
    if (std::find(known.begin(), known.end(), name) == known.end() && faults.size() < kMaxFaults) {
      faults.push_back({place.path + pointer_step(name),
                        "unknown key \"" + valid_utf8(name).substr(0, 64) + "\"",
                        did_you_mean(name, known)});
    }
  }
  return faults;
}

Fault not_in_enum(const Place& place, const json::value& values) {
  Fault fault{place.path, "must be one of " + joined(values, quoted), ""};
  if (place.value != nullptr && place.value->is_string()) {
    json::value list = json::object{{"values", values}};
    fault.next = did_you_mean(place.value->get_string(), texts_of(list, "values"));
  }
  return fault;
}

Fault phrased(const Place& place, const Complaint& complaint) {
  const auto& said = complaint.description;
  auto keyword = [&](std::string_view name) {
    return place.schema == nullptr ? nullptr : field_of(*place.schema, name);
  };
  if (const auto* types = keyword("type"); types != nullptr && said.starts_with("Value type")) {
    std::string not_words = place.value == nullptr ? "" : ", not " + type_words_of(*place.value);
    return {place.path, "must be " + joined(*types, type_of_keyword) + not_words, ""};
  }
  if (const auto* values = keyword("enum");
      values != nullptr && said.starts_with("Failed to match against any enum")) {
    return not_in_enum(place, *values);
  }
  for (const auto& phrase : kPhrases) {
    const auto* operand = keyword(phrase.keyword);
    if (operand != nullptr && said.starts_with(phrase.complaint)) {
      bool shown = !operand->is_array() && !operand->is_bool();
      return {
          place.path,
          std::string(phrase.before) + (shown ? quoted(*operand) : "") + std::string(phrase.after),
          ""};
    }
  }
  if (said.starts_with("Missing required property '")) {
    return {place.path, "\"" + said.substr(27, said.size() - 29) + "\" is missing", ""};
  }
  return {place.path, said.substr(0, said.find_last_not_of('.') + 1), ""};
}

bool is_echo(const Complaint& complaint) {
  return std::any_of(kEchoes.begin(), kEchoes.end(), [&](std::string_view echo) {
    return complaint.description.starts_with(echo);
  });
}

// Drops what was said about the branches of a choice, and echoes.
std::vector<Complaint> essential(std::span<const Complaint> complaints) {
  std::vector<Complaint> kept;
  for (const auto& complaint : complaints) {
    if (complaint.description.starts_with("Failed to validate against any ")) {
      std::erase_if(kept, [&](const Complaint& below) {
        return below.steps.size() >= complaint.steps.size() &&
               std::equal(complaint.steps.begin(), complaint.steps.end(), below.steps.begin());
      });
    }
    if (!is_echo(complaint)) {
      kept.push_back(complaint);
    }
  }
  if (kept.empty() && !complaints.empty()) {
    kept.push_back(complaints.front());
  }
  return kept;
}

}  // namespace

std::vector<Fault> faults_of(const json::value& schema, const json::value& document,
                             std::span<const Complaint> complaints) {
  std::multimap<size_t, Complaint> by_depth;  // equal depths stay in order
  for (auto& complaint : essential(complaints)) {
    by_depth.emplace(complaint.steps.size(), std::move(complaint));
  }
  std::vector<Fault> faults;
  for (const auto& [depth, complaint] : by_depth) {
    Place place = place_of(schema, document, complaint.steps);
    std::vector<Fault> found;
    if (complaint.description.starts_with("Object contains a property")) {
      found = unknown_keys(place);
    }
    if (found.empty()) {
      found.push_back(phrased(place, complaint));
    }
    faults.insert(faults.end(), found.begin(), found.end());
  }
  faults.resize(std::min(faults.size(), kMaxFaults));
  return faults;
}

}  // namespace ktl
