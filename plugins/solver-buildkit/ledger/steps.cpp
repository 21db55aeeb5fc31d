#include "ledger/steps.h"

#include <map>
#include <set>

#include "control/history.h"

namespace ktl::solver {

Result<json::array> steps_of(const std::vector<std::string>& provenance, const ProgressLog& log,
                             const ledger::ContentDigest& content, const std::string& daemon) {
  json::array steps;
  std::set<std::string> seen;
  for (const std::string& text : provenance) {
    KTL_ASSIGN(const json::value document, parse_json(text, kMaxHistoryBlob));
    KTL_ASSIGN(const json::array definition, ledger::definition_of(document));
    KTL_ASSIGN(const std::vector<ledger::Step> known, ledger::step_digests(definition, content));
    std::map<std::string, std::string> vertices;  // by id
    for (const auto& [vertex, id] : ledger::vertices_of(document)) {
      vertices[id] = vertex;
    }
    for (const ledger::Step& step : known) {
      const std::string& vertex = vertices[step.id];
      const ProgressLog::End end = log.end_of(vertex);
      if (end.done && steps.size() < kMaxSteps && seen.insert(vertex).second) {
        steps.push_back({{"vertex", vertex},
                         {"name", log.name_of(vertex)},
                         {"kind", step.kind},
                         {"step", step.digest},
                         {"cached", end.cached},
                         {"daemon", daemon}});
      }
    }
  }
  return steps;
}

}  // namespace ktl::solver
