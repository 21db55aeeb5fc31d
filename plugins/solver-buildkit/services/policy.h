// moby.buildkit.v1.sourcepolicy.policysession.PolicyVerifier: the builder asks before it fetches.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "session/server.h"

namespace ktl::solver {

// One thing that the builder wants to fetch.
struct Asked {
  std::string identifier;  // "docker-image://...", "https://..."
  std::map<std::string, std::string> attributes;
  // A step's request through the builder's proxy. BuildKit (0.34.2, proxyHandler.check) asks about
  // it as about a file to fetch that has neither attributes nor a platform, and says neither which
  // step wants it nor by which method.
  bool request = false;
  std::string platform = {};  // "linux/arm64/v8", of a source; empty: the builder does not say
};

// What is fetched instead.
struct Source {
  std::string identifier;
  std::map<std::string, std::string> attributes;
};

// `refused`: why it may not be; empty: it may, or `instead` may, about which the builder asks next.
struct Verdict {
  std::string refused = {};
  std::optional<Source> instead = {};
};
using Judge = std::function<Verdict(const Asked&)>;

// Whatever `judge` does not allow is denied, and so is what cannot be read. `judge` may wait; it is
// called on any thread and must outlive the session.
std::vector<Method> policy_methods(Judge judge);

}  // namespace ktl::solver
