#include "core/document/inputs.h"

#include "core/document/fields.h"

namespace ktl {
namespace {

std::vector<TypedEntry> entries_of(const json::value& document, std::string_view key) {
  std::vector<TypedEntry> entries;
  for (const auto& one : array_of(document, key)) {
    entries.push_back({std::string(text_of(one, "type")), std::string(text_of(one, "dest")),
                       text_map_of(one, "attrs")});
  }
  return entries;
}

json::array to_json(const std::vector<TypedEntry>& entries) {
  json::array out;
  for (const TypedEntry& entry : entries) {
    json::object one{{"type", entry.type}, {"attrs", to_object(entry.attrs)}};
    if (!entry.dest.empty()) {
      one["dest"] = entry.dest;
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

Call call_of(const json::value& document) {
  const json::object call = object_of(document, "call");
  return {std::string(text_of(call, "method")), text_of(call, "format") == "json",
          bool_of(call, "ignore_status")};
}

}  // namespace

Inputs inputs_from_json(const json::value& document) {
  Inputs inputs;
  inputs.build_contexts = text_map_of(document, "build_contexts");
  inputs.annotations = text_map_of(document, "annotations");
  inputs.add_hosts = texts_of(document, "add_hosts");
  inputs.ulimits = texts_of(document, "ulimits");
  inputs.resources = text_map_of(document, "resources");
  inputs.shm_size = int_of(document, "shm_size");
  inputs.cgroup_parent = text_of(document, "cgroup_parent");
  inputs.allow = texts_of(document, "allow");
  inputs.no_cache_filter = texts_of(document, "no_cache_filter");
  inputs.cache_from = entries_of(document, "cache_from");
  inputs.cache_to = entries_of(document, "cache_to");
  inputs.outputs = entries_of(document, "outputs");
  inputs.call = call_of(document);
  inputs.interactive = texts_of(document, "interactive");
  return inputs;
}

void add_inputs(const Inputs& inputs, json::object& document) {
  document["build_contexts"] = to_object(inputs.build_contexts);
  document["annotations"] = to_object(inputs.annotations);
  document["add_hosts"] = to_array(inputs.add_hosts);
  document["ulimits"] = to_array(inputs.ulimits);
  document["resources"] = to_object(inputs.resources);
  document["shm_size"] = inputs.shm_size;
  document["cgroup_parent"] = inputs.cgroup_parent;
  document["allow"] = to_array(inputs.allow);
  document["no_cache_filter"] = to_array(inputs.no_cache_filter);
  document["cache_from"] = to_json(inputs.cache_from);
  document["cache_to"] = to_json(inputs.cache_to);
  document["outputs"] = to_json(inputs.outputs);
  if (!inputs.call.method.empty()) {
    document["call"] = json::object{{"method", inputs.call.method},
                                    {"format", inputs.call.json ? "json" : "text"},
                                    {"ignore_status", inputs.call.ignore_status}};
  }
  if (!inputs.interactive.empty()) {
    document["interactive"] = to_array(inputs.interactive);
  }
}

}  // namespace ktl
