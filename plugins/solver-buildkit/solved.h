// The ktl.solved/1 document: what a build made, by digest.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/status.h"
#include "gate.h"

namespace ktl::solver {

// Reads a whole blob of ktl's store, at most `limit` bytes.
using BlobReader = std::function<Result<std::string>(const std::string& digest, size_t limit)>;

// The exporter's answer to the solve.
using Metadata = std::map<std::string, std::string>;

// `root` nothing: the result stayed in the builder's cache. Images that only carry attestations
// (vnd.docker.reference.type) are reachable from the root but are no entries of "images".
Result<json::object> solved_document(const json::value& plan, const std::optional<Root>& root,
                                     const Metadata& metadata, const BlobReader& read);

}  // namespace ktl::solver
