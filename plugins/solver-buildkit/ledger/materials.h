// What a builder's provenance (SLSA v1 or v0.2) lists as having gone into a build.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace ktl::solver {

// URI to "sha256:<hex>". A provenance that cannot be read lists nothing.
std::map<std::string, std::string> materials_of(const std::vector<std::string>& provenance);

// URI to commit, of git repositories: 40 or 64 hexadecimal digits.
std::map<std::string, std::string> commits_of(const std::vector<std::string>& provenance);

// Method and URL to why the builder could not tell what a step got behind its proxy, in its own
// words: "partial_response", "method_not_materializable" ... (proxyIncompleteReason in
// util/network/proxyprovider/provider_linux.go of BuildKit 0.34.2).
std::map<std::pair<std::string, std::string>, std::string> incomplete_in(
    const std::vector<std::string>& provenance);

}  // namespace ktl::solver
