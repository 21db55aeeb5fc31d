#include "core/document/isolation.h"

namespace ktl {
namespace {

json::array lines_to_json(const std::vector<IsolationLine>& lines) {
  json::array out;
  for (const auto& line : lines) {
    out.emplace_back(json::object{
        {"control", line.control}, {"value", line.value}, {"evidence", line.evidence}});
  }
  return out;
}

}  // namespace

json::object to_json(const Isolation& isolation) {
  json::object document{{"schema", "ktl.isolation/1"},
                        {"client", lines_to_json(isolation.client)},
                        {"steps", lines_to_json(isolation.steps)}};
  if (!isolation.slsa_why.empty()) {
    document["slsa"] = {{"level", isolation.slsa_level}, {"why", isolation.slsa_why}};
  }
  return document;
}

}  // namespace ktl
