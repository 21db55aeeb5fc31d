#include "core/document/plan.h"

#include "base/sha256.h"
#include "core/document/fields.h"

namespace ktl {
namespace {

json::array stages_to_json(const std::vector<PlanStage>& stages) {
  json::array out;
  for (const auto& stage : stages) {
    json::array needs;
    for (size_t index : stage.needs) {
      needs.emplace_back(static_cast<int64_t>(index));  // integers are signed in documents
    }
    out.emplace_back(json::object{{"name", stage.name},
                                  {"index", static_cast<int64_t>(stage.index)},
                                  {"base", stage.base},
                                  {"line", stage.line},
                                  {"needs", std::move(needs)},
                                  {"needed", stage.needed}});
  }
  return out;
}

json::array sources_to_json(const std::vector<PlanSource>& sources) {
  json::array out;
  for (const auto& source : sources) {
    out.emplace_back(json::object{{"kind", source.kind},
                                  {"ref", source.ref},
                                  {"line", source.line},
                                  {"use", source.use},
                                  {"checksum", source.checksum}});
  }
  return out;
}

json::array runs_to_json(const std::vector<PlanRun>& runs) {
  json::array out;
  for (const auto& run : runs) {
    out.emplace_back(
        json::object{{"line", run.line}, {"network", run.network}, {"security", run.security}});
  }
  return out;
}

json::array pins_to_json(const std::map<std::string, std::string>& pins) {
  json::array out;
  for (const auto& [ref, digest] : pins) {
    out.emplace_back(json::object{{"ref", ref}, {"digest", digest}});
  }
  return out;
}

json::object context_to_json(const Plan& plan) {
  json::object out{
      {"kind", plan.context_kind}, {"dir", plan.context_dir}, {"exclude", to_array(plan.exclude)}};
  if (!plan.context_source.empty()) {
    out[plan.context_kind == "url" ? "url" : "file"] = plan.context_source;
  }
  return out;
}

}  // namespace

json::object to_json(const StepFence& fence) {
  return {{"network", fence.network},   {"allow", to_array(fence.allow)},
          {"hermetic", fence.hermetic}, {"unpinned_bases", fence.unpinned_bases},
          {"locked", fence.locked},     {"lock", fence.lock}};
}

json::object to_json(const Plan& plan) {
  json::object document{{"schema", "ktl.plan/1"},
                        {"name", plan.name},
                        {"context", context_to_json(plan)},
                        {"dockerfile",
                         {{"dir", plan.dockerfile_dir},
                          {"name", plan.dockerfile_name},
                          {"syntax", plan.syntax},
                          {"digest", plan.dockerfile_digest}}},
                        {"target", plan.target},
                        {"platforms", to_array(plan.platforms)},
                        {"tags", to_array(plan.tags)},
                        {"args", to_object(plan.args)},
                        {"labels", to_object(plan.labels)},
                        {"secrets", to_array(plan.secrets)},
                        {"ssh", to_array(plan.ssh)},
                        {"no_cache", plan.no_cache},
                        {"pull", plan.pull},
                        {"network", plan.network},
                        {"stages", stages_to_json(plan.stages)},
                        {"sources", sources_to_json(plan.sources)},
                        {"runs", runs_to_json(plan.runs)},
                        {"fence", to_json(plan.fence)},
                        {"session", {{"shared_key", plan.shared_key}}},
                        {"registries", to_json(plan.registries)},
                        {"options", plan.options}};
  add_inputs(plan.inputs, document);
  if (!plan.pins.empty()) {
    document["pins"] = pins_to_json(plan.pins);
  }
  return document;
}

std::string digest_of_plan(const json::object& plan) { return digest_of(json::serialize(plan)); }

}  // namespace ktl
