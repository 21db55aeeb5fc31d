// How registries and builders are reached, as a project file and a user's config.yaml say it: parts
// of ktl.request/1.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ktl {

// One registry, by the host that image names have. `host` "*" holds for every registry.
struct RegistryRule {
  std::string host;                  // HOST[:PORT]
  std::vector<std::string> mirrors;  // HOST[:PORT][/PATH], asked first, in order
  bool http = false;                 // no TLS
  bool insecure = false;             // the certificate is not checked
  std::string ca;                    // PEM file, absolute; empty: the system's authorities only
  std::string proxy;                 // of "*" only: http://HOST[:PORT], never with credentials
  std::vector<std::string> no_proxy;
  std::string origin;  // "/abs/ktl.yaml:3:5"
};

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

json::array to_json(const std::vector<RegistryRule>& rules);
json::array to_json(const std::vector<BuilderRule>& rules);

// The other way round, from documents that were validated.
std::vector<RegistryRule> registries_from_json(const json::array& rules);
std::vector<BuilderRule> builders_from_json(const json::array& rules);

}  // namespace ktl
