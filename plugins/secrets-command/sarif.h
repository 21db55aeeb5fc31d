// Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "secrets/scanner.h"

namespace ktl::secrets {

struct Finding {
  std::string path;  // "" for standard input
  Match match;
};

json::value sarif_of(const std::vector<Finding>& findings);

}  // namespace ktl::secrets
