#include "sarif.h"

namespace ktl::secrets {
namespace {

json::object location_of(const Finding& finding) {
  json::object place{
      {"artifactLocation", {{"uri", valid_utf8(finding.path.empty() ? "-" : finding.path)}}}};
  if (finding.match.line != 0) {
    place["region"] = {{"startLine", finding.match.line}, {"startColumn", finding.match.column}};
  }
  return {{"physicalLocation", std::move(place)}};
}

json::object result_of(const Finding& finding) {
  const Rule& rule = *finding.match.rule;
  return {{"ruleId", rule.id},
          {"level", rule.severity == Severity::kBlock ? "error" : "warning"},
          {"message", {{"text", rule.description + ": " + finding.match.masked}}},
          {"locations", json::array{location_of(finding)}},
          {"partialFingerprints", {{"ktl/1", finding.match.hash}}}};
}

}  // namespace

json::value sarif_of(const std::vector<Finding>& findings) {
  json::array results;
  for (const Finding& finding : findings) {
    results.push_back(result_of(finding));
  }
  return json::object{{"version", "2.1.0"},
                      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"runs", json::array{json::object{{"tool", {{"driver", {{"name", "ktl"}}}}},
                                                        {"results", std::move(results)}}}}};
}

}  // namespace ktl::secrets
