// How registries and builders are reached, as a project file and a user's config.yaml say it: parts
// of ktl.request/1.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "oci/registry_rule.h"

namespace ktl {

using oci::RegistryRule;

// One daemon behind a builder's name.
struct BuilderMember {
  std::string address;  // as --builder takes it
  std::vector<std::string> platforms;
  std::string cacert;  // PEM files, absolute; empty: not given
  std::string cert;
  std::string key;
  std::string servername;
};

// What --builder NAME stands for: one daemon, or a pool of them.
struct BuilderRule {
  std::string name;
  std::vector<BuilderMember> members;  // at least one
  std::string origin;
};

json::array to_json(const std::vector<BuilderRule>& rules);

// The other way round, from a document that was validated.
std::vector<BuilderRule> builders_from_json(const json::array& rules);

}  // namespace ktl
