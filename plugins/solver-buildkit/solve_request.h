// A plan as BuildKit's SolveRequest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "control.pb.h"

namespace ktl::solver {

// The one Control.Solve of a build: frontend dockerfile.v0 with the plan's options; with `staging`
// an OCI exporter that hands its blobs to the session's content store (tar=false), then the plan's
// outputs that are files (file_outputs). Caches are added by caches.h, and by whoever answers it
// that the session is asked about sources. kInvalidArgument: an option that BuildKit has no word
// for, or outputs that want different images.
Result<moby::buildkit::v1::SolveRequest> solve_request(const json::value& plan,
                                                       const std::string& ref,
                                                       const std::string& session, bool staging);

// The plan's outputs of type local and tar, in its order. Each is an exporter of its own.
std::vector<json::value> file_outputs(const json::value& plan);

// The name under which the session shares a --build-context that is a folder.
std::string shared_name(const std::string& context);

// The folder of a --build-context "oci-layout://FOLDER[:TAG][@DIGEST]", its name and its digest;
// "latest" without a name. kNotFound: the layout has no such image.
struct LayoutContext {
  std::string folder;
  std::string tag;
  std::string digest;
};
Result<LayoutContext> layout_context(const std::string& value);

// True when the result must be an index: several platforms, or arguments by which BuildKit makes
// one of a single platform.
bool makes_index(const json::value& plan);

// Entitlements that the private builder gives no step: kFailedPrecondition names the first.
Status check_entitlements(const json::value& plan, std::string_view builder_kind);

}  // namespace ktl::solver
