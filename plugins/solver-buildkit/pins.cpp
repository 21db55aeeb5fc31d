#include "pins.h"

#include <string>

#include "oci/reference.h"

namespace ktl::solver {
namespace {

namespace policy = moby::buildkit::v1::sourcepolicy;

constexpr const char* kChecksum = "http.checksum";

policy::Rule& add_rule(policy::PolicyAction action, const std::string& source,
                       policy::Policy& rules) {
  policy::Rule& rule = *rules.add_rules();
  rule.set_action(action);
  rule.mutable_selector()->set_identifier(source);
  rule.mutable_selector()->set_match_type(policy::EXACT);
  return rule;
}

void constrain(policy::Rule& rule, policy::AttrMatch condition, const std::string& value) {
  policy::AttrConstraint& constraint = *rule.mutable_selector()->add_constraints();
  constraint.set_key(kChecksum);
  constraint.set_condition(condition);
  constraint.set_value(value);
}

// In the spelling in which the frontend asks for it.
Status pin_image(const std::string& ref, const std::string& digest, policy::Policy& rules) {
  KTL_ASSIGN(oci::Reference image, oci::parse_reference(ref));
  image.tag = image.tag.empty() ? "latest" : image.tag;
  const std::string source = "docker-image://" + image.str();
  add_rule(policy::CONVERT, source, rules).mutable_updates()->set_identifier(source + "@" + digest);
  return {};
}

// A checksum in the Dockerfile stays; one that is another is not satisfied by any content.
void pin_http(const std::string& url, const std::string& digest, policy::Policy& rules) {
  policy::Rule& set = add_rule(policy::CONVERT, url, rules);
  constrain(set, policy::EQUAL, "");
  (*set.mutable_updates()->mutable_attrs())[kChecksum] = digest;
  constrain(add_rule(policy::DENY, url, rules), policy::NOTEQUAL, digest);
}

std::string kind_of(const json::value& plan, std::string_view ref) {
  const json::value* sources = field_of(plan, "sources");
  if (sources != nullptr && sources->is_array()) {
    for (const json::value& source : sources->as_array()) {
      if (text_of(source, "ref") == ref) {
        return std::string(text_of(source, "kind"));
      }
    }
  }
  return {};
}

}  // namespace

bool has_pins(const json::value& plan) {
  const json::value* pins = field_of(plan, "pins");
  return pins != nullptr && pins->is_array() && !pins->as_array().empty();
}

Status add_pins(const json::value& plan, moby::buildkit::v1::SolveRequest& request) {
  if (!has_pins(plan)) {
    return {};
  }
  policy::Policy& rules = *request.mutable_sourcepolicy();
  rules.set_version(1);
  for (const json::value& pin : field_of(plan, "pins")->as_array()) {
    const std::string ref(text_of(pin, "ref"));
    const std::string digest(text_of(pin, "digest"));
    const std::string kind = kind_of(plan, ref);
    if (kind == "http") {
      pin_http(ref, digest, rules);
    } else if (kind == "image" || kind == "frontend") {
      KTL_TRY(pin_image(ref, digest, rules));
    } else {
      return {Code::kInvalidArgument, ref + " cannot be pinned: it is no image and no file"};
    }
  }
  return {};
}

}  // namespace ktl::solver
