// Step digests: one name for what a step does to which files, the same in every build.
//
// BuildKit's own vertex digests change with the session once a step depends on a local folder. The
// build's provenance (mode=max; SLSA v1: buildDefinition.internalParameters.buildConfig, SLSA v0.2:
// buildConfig) lists the same operations as JSON, and ktl chains digests of its own over them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::ledger {

// Which files of a local folder a step looks at: what is below `path`, as the operation says it.
struct Selection {
  std::string folder;  // as the builder asks for it: "context", "dockerfile"
  std::string path;    // "/" is everything; may have wildcards when `wildcard`
  bool wildcard = false;
  std::vector<std::string> include;  // patterns below `path`, none: everything
  std::vector<std::string> exclude;
};

// A digest over names, modes and contents of the files, "sha256:<hex>". A failure means that it is
// not known: the step, and all that depend on it, then have no digest.
using ContentDigest = std::function<Result<std::string>(const Selection&)>;

struct Step {
  std::string id;      // "step3", as in the provenance
  std::string kind;    // "exec", "file", "source", "merge", "diff", "build" or "passthrough"
  std::string digest;  // "sha256:<hex>"; empty when a content it depends on is not known
};

// The steps of an "llbDefinition", in its order, without the empty operation that is the graph's
// end. A step's digest covers: its operation without the attributes local.session, local.unique,
// local.sharedkeyhint and oci.session; its inputs' digests and which of their outputs it takes; the
// content of the files it selects from local folders. kInvalidArgument: not a graph, or one with
// circles.
Result<std::vector<Step>> step_digests(const json::array& definition, const ContentDigest& content);

// The builder's own digest of each step, as its progress names it, and the step's id: a
// provenance's "digestMapping". Empty when it has none.
std::map<std::string, std::string> vertices_of(const json::value& provenance);

// The llbDefinition in a provenance predicate or statement; kNotFound when it has none.
Result<json::array> definition_of(const json::value& provenance);

}  // namespace ktl::ledger
