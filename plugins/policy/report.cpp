#include "report.h"

#include <algorithm>

#include "base/number.h"

namespace ktl::policy {
namespace {

constexpr size_t kMost = 10'000;

void append_new(json::value& list, const json::array& more) {
  json::array& own = list.as_array();
  for (const json::value& each : more) {
    if (own.size() < kMost && std::ranges::find(own, each) == own.end()) {
      own.push_back(each);
    }
  }
}

json::array all_of(const json::array& phases, std::string_view key) {
  json::value all = json::array();
  for (const json::value& phase : phases) {
    append_new(all, phase.at(key).as_array());
  }
  return all.as_array();
}

// "Dockerfile:3" or "a.rego:3:5"; a place without a line is a file.
json::array places_of(std::string_view location) {
  if (location.empty()) {
    return {};
  }
  json::object physical;
  std::string_view file = location;
  for (size_t colon = location.find(':'); colon != std::string_view::npos;
       colon = location.find(':', colon + 1)) {
    const std::string_view rest = location.substr(colon + 1);
    const auto line = whole_number(std::string(rest.substr(0, rest.find(':'))));
    if (line && *line > 0) {
      file = location.substr(0, colon);
      physical["region"] = json::object{{"startLine", *line}};
      break;
    }
  }
  physical["artifactLocation"] = json::object{{"uri", file}};
  return {json::object{{"physicalLocation", std::move(physical)}}};
}

void add_results(json::array& results, const json::array& remarks, std::string_view level) {
  for (const json::value& remark : remarks) {
    json::object result{{"ruleId", text_of(remark, "rule")},
                        {"level", level},
                        {"message", {{"text", text_of(remark, "message")}}}};
    if (json::array places = places_of(text_of(remark, "location")); !places.empty()) {
      result["locations"] = std::move(places);
    }
    if (const std::string_view edit = text_of(remark, "edit"); !edit.empty()) {
      result["properties"] = json::object{{"edit", edit}};
    }
    results.push_back(std::move(result));
  }
}

}  // namespace

json::object& Report::phase(const std::string& name) {
  auto found = std::ranges::find_if(
      phases_, [&](const json::value& each) { return text_of(each, "phase") == name; });
  if (found == phases_.end()) {
    phases_.push_back(json::object{{"phase", name},
                                   {"passed", true},
                                   {"denials", json::array()},
                                   {"warnings", json::array()}});
    found = phases_.end() - 1;
  }
  return found->as_object();
}

void Report::add(const std::string& name, const Remarks& remarks) {
  const std::scoped_lock lock(mutex_);
  json::object& own = phase(name);
  own["passed"] = own["passed"].as_bool() && remarks.denials.empty();
  append_new(own["denials"], remarks.denials);
  append_new(own["warnings"], remarks.warnings);
}

void Report::fail(const std::string& name, const std::string& why) {
  const std::scoped_lock lock(mutex_);
  json::object& own = phase(name);
  own["passed"] = false;
  own["error"] = why;
  failed_ = true;
}

std::string Report::text(const std::string& file) const {
  const std::scoped_lock lock(mutex_);
  const bool as_sarif = file.ends_with(".sarif") || file.ends_with(".sarif.json");
  return pretty_json(as_sarif ? sarif() : document());
}

json::object Report::document() const {
  json::array denials = all_of(phases_, "denials");
  return {{"schema", "ktl.policy-report/1"},         {"mode", mode_},
          {"passed", denials.empty() && !failed_},   {"denials", std::move(denials)},
          {"warnings", all_of(phases_, "warnings")}, {"phases", phases_}};
}

json::object Report::sarif() const {
  json::array results;
  add_results(results, all_of(phases_, "denials"), "error");
  add_results(results, all_of(phases_, "warnings"), "warning");
  const json::object run{{"tool", {{"driver", {{"name", "ktl"}}}}},
                         {"invocations", {json::object{{"executionSuccessful", !failed_}}}},
                         {"results", std::move(results)}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", json::array{run}}};
}

}  // namespace ktl::policy
