// What a builder cannot do, and what that costs.
#pragma once

#include <string>
#include <vector>

#include "control/client.h"

namespace ktl::solver {

struct Missing {
  std::string feature;
  std::string cost;  // what the user has to do without
};

// Judged by the version that the builder reports; one that reports none is older than 0.11. One
// whose version is no release ("dev") is taken for a new one.
std::vector<Missing> missing_features(const BuilderInfo& info);

// Whether the builder can hand a result over blob by blob (OCI exporter with tar=false), without
// which nothing can be gated, kept or pushed.
bool can_stage(const BuilderInfo& info);

// Whether the builder can be held to the digests of sources.
bool can_pin(const BuilderInfo& info);

// Whether the builder asks its client about every source.
bool can_ask(const BuilderInfo& info);

// Whether the builder can give steps no network but a proxy that asks its client.
bool can_fence(const BuilderInfo& info);

// Whether the builder remembers builds that are over, with their provenance.
bool keeps_history(const BuilderInfo& info);

}  // namespace ktl::solver
