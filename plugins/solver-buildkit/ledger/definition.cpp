#include "ledger/definition.h"

#include <map>

#include "base/base64.h"
#include "base/sha256.h"
#include "ops.pb.h"

namespace ktl::solver {
namespace {

constexpr size_t kMostOperations = 65536;
constexpr const char* kName = "llb.customname";

// All of an operation but its inputs: these are named by digests that change with the session.
std::string rest_of(pb::Op op) {
  op.clear_inputs();
  return base64_encode(op.SerializeAsString());
}

json::object source_body(const pb::Op& op) {
  json::object attributes;
  for (const auto& [key, value] : op.source().attrs()) {
    attributes[valid_utf8(key)] = valid_utf8(value);
  }
  const pb::Platform& platform = op.platform();
  return {{"identifier", valid_utf8(op.source().identifier())},
          {"attrs", std::move(attributes)},
          {"platform", {platform.os(), platform.architecture(), platform.variant()}}};
}

json::object exec_body(const pb::Op& op) {
  json::array mounts;
  for (const pb::Mount& mount : op.exec().mounts()) {
    mounts.push_back({{"input", mount.input()},
                      {"mountType", static_cast<int64_t>(mount.mounttype())},
                      {"selector", valid_utf8(mount.selector())}});
  }
  return {{"mounts", std::move(mounts)}, {"rest", rest_of(op)}};
}

json::array list_of(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) {
    list.emplace_back(valid_utf8(text));
  }
  return list;
}

json::object file_body(const pb::Op& op) {
  json::array actions;
  for (const pb::FileAction& action : op.file().actions()) {
    json::object made{{"input", action.input()}, {"secondaryInput", action.secondaryinput()}};
    if (action.has_copy()) {
      const pb::FileActionCopy& copy = action.copy();
      made["Action"] = {{"copy",
                         {{"src", valid_utf8(copy.src())},
                          {"allowWildcard", copy.allowwildcard()},
                          {"include_patterns", list_of(copy.include_patterns())},
                          {"exclude_patterns", list_of(copy.exclude_patterns())}}}};
    }
    actions.emplace_back(std::move(made));
  }
  return {{"actions", std::move(actions)}, {"rest", rest_of(op)}};
}

// In the shape in which lib/ledger reads graphs.
json::object operation(const std::string& digest, const pb::Op& op) {
  json::array inputs;
  for (const pb::Input& input : op.inputs()) {
    inputs.emplace_back(valid_utf8(input.digest()) + ":" + std::to_string(input.index()));
  }
  json::object kinds;
  if (op.has_exec()) {
    kinds["exec"] = exec_body(op);
  } else if (op.has_source()) {
    kinds["source"] = source_body(op);
  } else if (op.has_file()) {
    kinds["file"] = file_body(op);
  } else {
    kinds["passthrough"] = json::object{{"rest", rest_of(op)}};
  }
  return {{"id", digest}, {"op", {{"Op", std::move(kinds)}}}, {"inputs", std::move(inputs)}};
}

}  // namespace

Result<std::vector<PlannedRun>> planned_runs(const std::string& definition,
                                             const ledger::ContentDigest& content) {
  pb::Definition graph;
  if (!graph.ParseFromString(definition) ||
      static_cast<size_t>(graph.def_size()) > kMostOperations) {
    return Status(Code::kDataLoss, "the frontend's graph cannot be read");
  }
  json::array operations;
  std::map<std::string, PlannedRun> runs;  // by digest
  for (const std::string& bytes : graph.def()) {
    pb::Op op;
    if (!op.ParseFromString(bytes)) {
      return Status(Code::kDataLoss, "a step of the frontend's graph cannot be read");
    }
    const std::string digest = digest_of(bytes);
    operations.push_back(operation(digest, op));
    if (const auto about = graph.metadata().find(digest);
        op.has_exec() && about != graph.metadata().end()) {
      const auto name = about->second.description().find(kName);
      runs[digest] = {name == about->second.description().end() ? "" : valid_utf8(name->second), "",
                      op.exec().network() != pb::NONE};
    }
  }
  KTL_ASSIGN(const std::vector<ledger::Step> steps, ledger::step_digests(operations, content));
  std::vector<PlannedRun> list;
  for (const ledger::Step& step : steps) {
    if (step.kind == "exec") {
      PlannedRun run = runs[step.id];
      run.step = step.digest;
      list.push_back(std::move(run));
    }
  }
  return list;
}

}  // namespace ktl::solver
