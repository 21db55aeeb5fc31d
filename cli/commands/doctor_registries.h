// How ktl reaches registries, as `ktl doctor` shows it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "cli/environment.h"
#include "core/document/reach.h"

namespace ktl::cli {

// One registry, or "*": all that have no row of their own. What holds for it in the end.
struct RegistryRow {
  std::string host;
  std::vector<std::string> mirrors;
  bool http = false;
  bool insecure = false;
  std::string ca;
  std::string proxy;         // without credentials; empty: reached directly
  std::string proxy_origin;  // "HTTPS_PROXY", or the rule's place
  std::string origin;        // of the rule; empty: nobody said anything
};

// One row for each of `rules`, the last for "*". The environment's proxy goes before the rules'.
std::vector<RegistryRow> registry_rows(const std::vector<RegistryRule>& rules,
                                       const Environment& environment);

json::array to_json(const std::vector<RegistryRow>& rows);

// A table with a heading; what stands in it is fit for a terminal.
std::string to_text(const std::vector<RegistryRow>& rows);

}  // namespace ktl::cli
