#include "solve_request.h"

#include <fmt/ranges.h>

#include <vector>

namespace ktl::solver {
namespace {

using Attributes = google::protobuf::Map<std::string, std::string>;

// {"K": "V"} as PREFIX:K = V.
void add_map(const json::value& plan, std::string_view key, std::string_view prefix,
             Attributes& attributes) {
  const json::value* map = field_of(plan, key);
  if (map == nullptr || !map->is_object()) {
    return;
  }
  for (const auto& [name, value] : map->as_object()) {
    if (value.is_string()) {
      attributes[std::string(prefix) + std::string(name)] = value.as_string().c_str();
    }
  }
}

void add_text(std::string_view name, std::string_view value, Attributes& attributes) {
  if (!value.empty()) {
    attributes[std::string(name)] = value;
  }
}

Status add_network(std::string_view network, moby::buildkit::v1::SolveRequest& request) {
  if (network.empty() || network == "default") {
    return {};
  }
  if (network != "host" && network != "none") {
    return {Code::kInvalidArgument,
            "network \"" + std::string(network) + "\" is none of default, none and host"};
  }
  (*request.mutable_frontendattrs())["force-network-mode"] = network;
  if (network == "host") {
    request.add_entitlements("network.host");
  }
  return {};
}

void add_exporter(const json::value& plan, moby::buildkit::v1::SolveRequest& request) {
  auto& exporter = *request.add_exporters();
  exporter.set_type("oci");
  Attributes& attributes = *exporter.mutable_attrs();
  attributes["tar"] = "false";
  add_text("name", fmt::format("{}", fmt::join(texts_of(plan, "tags"), ",")), attributes);
}

}  // namespace

Result<moby::buildkit::v1::SolveRequest> solve_request(const json::value& plan,
                                                       const std::string& ref,
                                                       const std::string& session, bool staging) {
  moby::buildkit::v1::SolveRequest request;
  request.set_ref(ref);
  request.set_session(session);
  request.set_frontend("dockerfile.v0");
  request.mutable_cache();
  Attributes& attributes = *request.mutable_frontendattrs();
  const json::value* dockerfile = field_of(plan, "dockerfile");
  add_text("filename", dockerfile == nullptr ? "" : text_of(*dockerfile, "name"), attributes);
  add_text("target", text_of(plan, "target"), attributes);
  add_text("platform", fmt::format("{}", fmt::join(texts_of(plan, "platforms"), ",")), attributes);
  add_map(plan, "args", "build-arg:", attributes);
  add_map(plan, "labels", "label:", attributes);
  if (bool_of(plan, "no_cache")) {
    attributes["no-cache"] = "";  // no list of stages: all of them
  }
  add_text("image-resolve-mode", bool_of(plan, "pull") ? "pull" : "", attributes);
  KTL_TRY(add_network(text_of(plan, "network"), request));
  if (staging) {
    add_exporter(plan, request);
  }
  return request;
}

bool makes_index(const json::value& plan) {
  if (texts_of(plan, "platforms").size() > 1) {
    return true;
  }
  const json::value* args = field_of(plan, "args");
  if (args == nullptr || !args->is_object()) {
    return false;
  }
  for (const auto& [name, value] : args->as_object()) {
    if (name.starts_with("BUILDKIT_ATTEST_") || name == "BUILDKIT_MULTI_PLATFORM") {
      return true;
    }
  }
  return false;
}

}  // namespace ktl::solver
