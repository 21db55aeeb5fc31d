#include "control/missing.h"

#include <array>
#include <cstdio>

namespace ktl::solver {
namespace {

struct Rule {
  int since;  // minor version of BuildKit 0.x
  const char* feature;
  const char* cost;
};

constexpr int kStagingSince = 11;
constexpr int kHistorySince = 11;
constexpr int kPinsSince = 11;
constexpr int kAskingSince = 26;
constexpr int kFenceSince = 31;
constexpr std::array<Rule, 6> kRules = {{
    {kStagingSince, "OCI exporter with tar=false",
     "the result can be built there, but not kept (-t), pushed nor exported"},
    {kHistorySince, "build history and provenance", "no provenance of what it has built"},
    {kPinsSince, "source policy", "no build whose sources a plugin pins to digests"},
    {kAskingSince, "policy session", "policies are not asked about sources that only it finds"},
    {kFenceSince, "proxy network", "no --hermetic and no --allow-network=HOST"},
    {kStagingSince, "version report", "the Record does not say which BuildKit built"},
}};

// Of "v0.34.2"; a version that is no 0.x counts as new.
int minor_of(const std::string& version) {
  if (version.empty()) {
    return 0;
  }
  int minor = 0;
  return std::sscanf(version.c_str(), "v0.%d", &minor) == 1 ? minor : 999;
}

}  // namespace

std::vector<Missing> missing_features(const BuilderInfo& info) {
  std::vector<Missing> list;
  for (const Rule& rule : kRules) {
    if (minor_of(info.version) < rule.since) {
      list.push_back({rule.feature, rule.cost});
    }
  }
  return list;
}

bool keeps_history(const BuilderInfo& info) { return minor_of(info.version) >= kHistorySince; }

bool can_ask(const BuilderInfo& info) { return minor_of(info.version) >= kAskingSince; }

bool can_fence(const BuilderInfo& info) { return minor_of(info.version) >= kFenceSince; }

bool can_pin(const BuilderInfo& info) { return minor_of(info.version) >= kPinsSince; }

bool can_stage(const BuilderInfo& info) { return minor_of(info.version) >= kStagingSince; }

}  // namespace ktl::solver
