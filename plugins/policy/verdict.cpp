#include "verdict.h"

#include <array>

namespace ktl::policy {
namespace {

constexpr std::string_view kDecision = "data.docker.decision";
constexpr size_t kMaxRule = 255;

// The first of `names` that is a text with something in it.
template <size_t N>
std::string first_of(const json::object& value, const std::array<std::string_view, N>& names) {
  for (std::string_view name : names) {
    if (const std::string_view found = text_of(value, name); !found.empty()) {
      return std::string(found);
    }
  }
  return {};
}

std::string place_of(const json::object& value, const std::string& dockerfile) {
  constexpr std::array<std::string_view, 1> kWhole = {"location"};
  constexpr std::array<std::string_view, 3> kFile = {"file", "path", "subject"};
  std::string place = first_of(value, kWhole);
  if (!place.empty()) {
    return place;
  }
  place = first_of(value, kFile);
  const int64_t line = int_of(value, "line");
  if (line > 0) {
    place = (place.empty() ? dockerfile : place) + ":" + std::to_string(line);
  }
  return place;
}

Result<json::object> remark_of(const json::value& value, std::string_view rule,
                               const std::string& dockerfile) {
  rule.remove_prefix(rule.starts_with("data.") ? 5 : 0);
  json::object remark{{"rule", rule}};
  if (value.is_string()) {
    remark["message"] = value;
  } else if (value.is_object()) {
    const json::object& own = value.get_object();
    constexpr std::array<std::string_view, 2> kMessage = {"message", "msg"};
    constexpr std::array<std::string_view, 3> kRule = {"rule", "code", "id"};
    constexpr std::array<std::string_view, 2> kEdit = {"edit", "fix"};
    remark["message"] = first_of(own, kMessage);
    if (const std::string name = first_of(own, kRule); !name.empty()) {
      remark["rule"] = name.substr(0, kMaxRule);
    }
    remark["location"] = place_of(own, dockerfile);
    remark["edit"] = first_of(own, kEdit);
  }
  if (text_of(remark, "message").empty()) {
    return Status(Code::kFailedPrecondition, std::string(rule) +
                                                 " says something without a message: " +
                                                 json::serialize(value).substr(0, kMaxRule));
  }
  return remark;
}

// As docker buildx reads it: only `allow: true` allows.
Result<json::array> denials_of_decision(const json::value& decision, std::string_view unit) {
  const json::value* allow = field_of(decision, "allow");
  if (allow != nullptr && !allow->is_bool()) {
    return Status(Code::kFailedPrecondition, "docker.decision: allow must be a boolean");
  }
  json::array denials;
  if (allow != nullptr && allow->get_bool()) {
    return denials;
  }
  for (const std::string& message : texts_of(decision, "deny_msg")) {
    denials.push_back(json::object{
        {"rule", "docker.decision"}, {"message", message}, {"location", ""}, {"edit", ""}});
  }
  if (denials.empty()) {
    denials.push_back(json::object{{"rule", "docker.decision"},
                                   {"message", std::string(unit) + " does not allow it"},
                                   {"location", ""},
                                   {"edit", ""}});
  }
  return denials;
}

}  // namespace

Result<Remarks> remarks_of(const json::value& answer, const std::string& dockerfile) {
  Remarks remarks;
  const json::value* said = field_of(answer, "said");
  for (const json::value& each :
       said == nullptr || !said->is_array() ? json::array() : said->get_array()) {
    const std::string_view rule = text_of(each, "rule");
    const json::value* value = field_of(each, "value");
    const json::value& what = value == nullptr ? each : *value;
    if (rule == kDecision) {
      KTL_ASSIGN(json::array denials, denials_of_decision(what, text_of(each, "unit")));
      remarks.denials.insert(remarks.denials.end(), denials.begin(), denials.end());
      continue;
    }
    KTL_ASSIGN(json::object remark, remark_of(what, rule, dockerfile));
    (rule.ends_with(".deny") ? remarks.denials : remarks.warnings).push_back(std::move(remark));
  }
  return remarks;
}

Remarks in_mode(Remarks remarks, bool warn) {
  if (warn) {
    remarks.denials.insert(remarks.denials.end(), remarks.warnings.begin(), remarks.warnings.end());
    remarks.warnings = std::move(remarks.denials);
    remarks.denials = {};
  }
  return remarks;
}

json::object verdict_of(const Remarks& remarks, const std::string& rules) {
  return {{"schema", "ktl.verdict/1"},
          {"passed", remarks.denials.empty()},
          {"denials", remarks.denials},
          {"warnings", remarks.warnings},
          {"rules", rules}};
}

}  // namespace ktl::policy
