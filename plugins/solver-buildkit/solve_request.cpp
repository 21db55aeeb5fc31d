#include "solve_request.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/sha256.h"
#include "oci/index_file.h"
#include "pins.h"
#include "services/upload.h"

namespace ktl::solver {
namespace {

using moby::buildkit::v1::SolveRequest;
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

void add_list(std::string_view name, const json::value& plan, std::string_view key,
              Attributes& attributes) {
  add_text(name, fmt::format("{}", fmt::join(texts_of(plan, key), ",")), attributes);
}

Status add_network(std::string_view network, SolveRequest& request) {
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

// The builder itself holds every step to it, also those of a frontend that knows no
// force-network-mode: a step with a network gets nothing but the proxy, and the proxy asks.
void add_fence(const json::value& plan, SolveRequest& request) {
  const json::value* fence = field_of(plan, "fence");
  const std::string_view network = fence == nullptr ? "" : text_of(*fence, "network", "open");
  if (network == "none") {
    (*request.mutable_frontendattrs())["force-network-mode"] = "none";
  }
  request.set_proxynetwork(network != "open");
  // What a cache mount has from elsewhere would neither be recorded nor is it locked.
  const std::string lock(fence == nullptr ? "" : text_of(*fence, "lock"));
  if (network == "record" || !lock.empty()) {
    (*request.mutable_frontendattrs())["build-arg:BUILDKIT_CACHE_MOUNT_NS"] =
        lock.empty() ? request.ref() : lock;
  }
}

Status add_entitlements(const json::value& plan, SolveRequest& request) {
  for (const std::string& name : texts_of(plan, "allow")) {
    if (name != "network.host" && name != "security.insecure" && name != "device" &&
        !name.starts_with("device=")) {
      return Status(Code::kInvalidArgument, "--allow does not know \"" + name + "\"")
          .advise("it takes network.host, security.insecure, device and device=NAME");
    }
    const auto& given = request.entitlements();
    if (std::find(given.begin(), given.end(), name) == given.end()) {
      request.add_entitlements(name);
    }
  }
  return {};
}

// Docker's words for limits of steps, and the frontend's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kResources = {
    {{"memory", "memory"},
     {"memory-swap", "memswap"},
     {"cpu-shares", "cpushares"},
     {"cpu-period", "cpuperiod"},
     {"cpu-quota", "cpuquota"},
     {"cpuset-cpus", "cpusetcpus"},
     {"cpuset-mems", "cpusetmems"}}};

void add_limits(const json::value& plan, Attributes& attributes) {
  add_list("add-hosts", plan, "add_hosts", attributes);
  add_list("ulimit", plan, "ulimits", attributes);
  add_text("cgroup-parent", text_of(plan, "cgroup_parent"), attributes);
  if (const int64_t size = int_of(plan, "shm_size"); size > 0) {
    attributes["shm-size"] = std::to_string(size);
  }
  const json::value* resources = field_of(plan, "resources");
  for (const auto& [name, attribute] : kResources) {
    add_text(attribute, resources == nullptr ? "" : text_of(*resources, name), attributes);
  }
}

// Where the builder finds the main context and the Dockerfile when it is no folder of ours.
void add_context(const json::value& plan, const std::string& ref, Attributes& attributes) {
  const json::value* dockerfile = field_of(plan, "dockerfile");
  add_text("filename", dockerfile == nullptr ? "" : text_of(*dockerfile, "name"), attributes);
  const json::value* context = field_of(plan, "context");
  const std::string_view kind = context == nullptr ? "" : text_of(*context, "kind", "folder");
  if (kind == "url") {
    attributes["context"] = text_of(*context, "url");
  } else if (kind == "archive") {
    attributes["context"] = upload_url(ref);
  } else {
    return;
  }
  if (!text_of(*dockerfile, "dir").empty()) {
    attributes["dockerfilekey"] = "dockerfile";
  }
}

Status add_named_contexts(const json::value& plan, Attributes& attributes) {
  const json::value* contexts = field_of(plan, "build_contexts");
  if (contexts == nullptr || !contexts->is_object()) {
    return {};
  }
  for (const auto& [key, value] : contexts->as_object()) {
    const std::string name(key);
    const std::string text(value.as_string());
    std::string& attribute = attributes["context:" + name];
    attribute = text;
    if (text.starts_with('/')) {
      attribute = "local:" + shared_name(name);
    } else if (text.starts_with("oci-layout://")) {
      Result<LayoutContext> layout = layout_context(text);
      if (!layout.ok()) {
        return std::move(layout).status().in("--build-context " + name);
      }
      attribute = "oci-layout://" + shared_name(name) + ":" + layout->tag + "@" + layout->digest;
    }
  }
  return {};
}

// "manifest[linux/amd64]:KEY" as "annotation-manifest[linux/amd64].KEY", a bare KEY as
// "annotation.KEY".
void add_annotations(const json::value& plan, Attributes& attributes) {
  const json::value* annotations = field_of(plan, "annotations");
  if (annotations == nullptr || !annotations->is_object()) {
    return;
  }
  for (const auto& [name, value] : annotations->as_object()) {
    const std::string key(name);
    const size_t colon = key.find(':');
    const bool levelled = colon != std::string::npos;
    attributes["annotation" + (levelled ? "-" + key.substr(0, colon) : "") + "." +
               key.substr(levelled ? colon + 1 : 0)] = value.as_string().c_str();
  }
}

// Attributes that shape the image, which is made once: all outputs have to want the same one.
Status add_image_attributes(const json::value& plan, Attributes& attributes) {
  constexpr std::array<std::string_view, 8> kShape = {
      "compression",        "compression-level", "force-compression", "oci-mediatypes",
      "attestation-inline", "rewrite-timestamp", "source-date-epoch", "prefer-nondist-layers"};
  const json::value* outputs = field_of(plan, "outputs");
  if (outputs == nullptr || !outputs->is_array()) {
    return {};
  }
  for (const json::value& output : outputs->as_array()) {
    const std::string_view type = text_of(output, "type");
    const json::value* attrs = field_of(output, "attrs");
    if (type == "local" || type == "tar" || attrs == nullptr) {
      continue;
    }
    for (std::string_view key : kShape) {
      const std::string wanted(text_of(*attrs, key));
      if (wanted.empty()) {
        continue;
      }
      std::string& slot = attributes[std::string(key)];
      if (!slot.empty() && slot != wanted) {
        return Status(Code::kInvalidArgument,
                      "two outputs want different images: " + std::string(key) + " is " + slot +
                          " and " + wanted)
            .advise("a build makes one image; run it once for each");
      }
      slot = wanted;
    }
  }
  return {};
}

Status add_image_exporter(const json::value& plan, SolveRequest& request) {
  auto& exporter = *request.add_exporters();
  exporter.set_type("oci");
  Attributes& attributes = *exporter.mutable_attrs();
  attributes["tar"] = "false";
  add_list("name", plan, "tags", attributes);
  add_annotations(plan, attributes);
  KTL_TRY(add_image_attributes(plan, attributes));
  if (const json::value* fence = field_of(plan, "fence"); fence && bool_of(*fence, "locked")) {
    attributes.try_emplace("rewrite-timestamp", "true");
  }
  return {};
}

void add_file_exporters(const json::value& plan, SolveRequest& request) {
  for (const json::value& output : file_outputs(plan)) {
    auto& exporter = *request.add_exporters();
    exporter.set_type(std::string(text_of(output, "type")));
    add_map(output, "attrs", "", *exporter.mutable_attrs());
    exporter.mutable_attrs()->erase("mode");  // ours: the builder only sees an empty folder
  }
}

}  // namespace

Result<SolveRequest> solve_request(const json::value& plan, const std::string& ref,
                                   const std::string& session, bool staging) {
  SolveRequest request;
  request.set_ref(ref);
  request.set_session(session);
  request.set_frontend("dockerfile.v0");
  request.mutable_cache();
  Attributes& attributes = *request.mutable_frontendattrs();
  add_context(plan, ref, attributes);
  KTL_TRY(add_named_contexts(plan, attributes));
  add_text("target", text_of(plan, "target"), attributes);
  add_list("platform", plan, "platforms", attributes);
  if (bool_of(plan, "multi_platform")) {
    attributes["multi-platform"] = "true";  // an index, although it may have one platform
  }
  add_map(plan, "args", "build-arg:", attributes);
  add_map(plan, "labels", "label:", attributes);
  add_list("no-cache", plan, "no_cache_filter", attributes);
  if (bool_of(plan, "no_cache")) {
    attributes["no-cache"] = "";  // no list of stages: all of them
  }
  add_text("image-resolve-mode", bool_of(plan, "pull") ? "pull" : "", attributes);
  add_limits(plan, attributes);
  KTL_TRY(add_network(text_of(plan, "network"), request));
  add_fence(plan, request);
  KTL_TRY(add_entitlements(plan, request));
  KTL_TRY(add_pins(plan, request));
  if (staging) {
    KTL_TRY(add_image_exporter(plan, request));
    add_file_exporters(plan, request);
  }
  return request;
}

std::vector<json::value> file_outputs(const json::value& plan) {
  std::vector<json::value> files;
  const json::value* outputs = field_of(plan, "outputs");
  if (outputs != nullptr && outputs->is_array()) {
    for (const json::value& output : outputs->as_array()) {
      if (text_of(output, "type") == "local" || text_of(output, "type") == "tar") {
        files.push_back(output);
      }
    }
  }
  return files;
}

std::string shared_name(const std::string& context) {
  const bool taken = context == "context" || context == "dockerfile";
  return taken ? "_" + context : context;
}

Result<LayoutContext> layout_context(const std::string& value) {
  LayoutContext made;
  made.folder = value.substr(std::string_view("oci-layout://").size());
  if (const size_t at = made.folder.find('@'); at != std::string::npos) {
    made.digest = made.folder.substr(at + 1);
    made.folder.resize(at);
  }
  made.tag = "latest";
  const size_t colon = made.folder.rfind(':');
  if (colon != std::string::npos && made.folder.find('/', colon) == std::string::npos) {
    made.tag = made.folder.substr(colon + 1);
    made.folder.resize(colon);
  }
  if (!made.digest.empty()) {
    return is_digest(made.digest)
               ? Result<LayoutContext>(std::move(made))
               : Status(Code::kInvalidArgument, "\"" + made.digest + "\" is no sha256 digest");
  }
  KTL_ASSIGN(const oci::Index index, oci::read_index_file(made.folder));
  for (const oci::Descriptor& entry : index.manifests) {
    const std::string name = oci::entry_name(entry);
    if (name == made.tag || name.ends_with(":" + made.tag) || index.manifests.size() == 1) {
      made.digest = entry.digest;
      return made;
    }
  }
  return Status(Code::kNotFound, made.folder + " has no image named " + made.tag)
      .advise("write oci-layout://FOLDER:NAME or oci-layout://FOLDER@sha256:...");
}

bool makes_index(const json::value& plan) {
  if (texts_of(plan, "platforms").size() > 1 || bool_of(plan, "multi_platform")) {
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

Status check_entitlements(const json::value& plan, std::string_view builder_kind) {
  for (const std::string& name : texts_of(plan, "allow")) {
    if (builder_kind == "private" && name != "network.host") {
      return Status(Code::kFailedPrecondition, "the private builder does not give steps " + name)
          .advise("name a builder of your own that allows it with --builder");
    }
  }
  return {};
}

}  // namespace ktl::solver
