#include "core/pipeline/dockerfile_task.h"

#include <filesystem>

#include "base/sha256.h"
#include "core/document/fields.h"
#include "core/document/schemas.h"
#include "core/pipeline/dockerfile_input.h"
#include "core/pipeline/stage_plan.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

json::object fault_of(const Status& status, Cause cause) {
  return {{"in", cause == Cause::kBuild ? "dockerfile" : "request"},
          {"code", static_cast<int64_t>(status.code())},
          {"message", valid_utf8(status.message())},
          {"where", valid_utf8(status.where())},
          {"next", valid_utf8(status.next())}};
}

Status read_into(const Request& request, Plan& plan, Failure& failure) {
  KTL_ASSIGN(DockerfileInput input, read_dockerfile(request));
  plan.dockerfile_dir = input.dir;
  plan.dockerfile_name = input.name;
  plan.dockerfile_digest = digest_of(input.text);
  return plan_stages(input, request, plan, failure);
}

Status lie(const std::string& what) {
  return {Code::kInternal, "the worker's answer about the Dockerfile " + what};
}

// The worker may read any file that the user may; which one is the Dockerfile is not its choice.
bool is_the_one(const std::string& dir, const std::string& name, const Request& request) {
  if (request.file.empty()) {
    return fs::path(dir) == fs::path(request.context).lexically_normal() &&
           (name == "Dockerfile" || name == "dockerfile");
  }
  return fs::path(dir) / name == fs::path(request.file).lexically_normal();
}

Status take_stages(const json::value& document, Plan& plan) {
  const json::array stages = array_of(document, "stages");
  for (const json::value& stage : stages) {
    PlanStage taken{std::string(text_of(stage, "name")),
                    plan.stages.size(),
                    std::string(text_of(stage, "base")),
                    static_cast<int>(int_of(stage, "line")),
                    {},
                    bool_of(stage, "needed")};
    for (const json::value& index : array_of(stage, "needs")) {
      taken.needs.push_back(static_cast<size_t>(index.get_int64()));  // the schema says so
      if (taken.needs.back() >= stages.size()) {
        return lie("names a stage that is not there");
      }
    }
    if (static_cast<size_t>(int_of(stage, "index")) != taken.index) {
      return lie("has its stages in disorder");
    }
    plan.stages.push_back(std::move(taken));
  }
  return {};
}

Status take_fault(const json::object& fault, Failure& failure) {
  failure.cause = text_of(fault, "in") == "dockerfile" ? Cause::kBuild : Cause::kStatus;
  return Status(static_cast<Code>(int_of(fault, "code")), std::string(text_of(fault, "message")))
      .at(std::string(text_of(fault, "where")))
      .advise(std::string(text_of(fault, "next")));
}

}  // namespace

bool reads_dockerfile(const Request& request) {
  return request.context_kind == "folder" || fs::path(request.file).is_absolute();
}

json::object dockerfile_order(const Request& request, const Plan& plan) {
  return {{"request", to_json(request)}, {"platforms", to_array(plan.platforms)}};
}

Result<json::value> read_dockerfile_here(const json::value& order) {
  const Request request = request_from_judged(object_of(order, "request"));
  Plan plan;
  plan.platforms = texts_of(order, "platforms");
  plan.inputs = request.inputs;
  Failure failure;
  Status status = read_into(request, plan, failure);
  json::object document = to_json(plan);
  return json::value{{"schema", "ktl.dockerfile/1"},
                     {"fault", status.ok() ? json::value() : fault_of(status, failure.cause)},
                     {"dir", plan.dockerfile_dir},
                     {"name", plan.dockerfile_name},
                     {"syntax", plan.syntax},
                     {"digest", plan.dockerfile_digest},
                     {"stages", std::move(document["stages"])},
                     {"sources", std::move(document["sources"])},
                     {"runs", std::move(document["runs"])}};
}

Status take_dockerfile(const json::value& document, const Request& request, Plan& plan,
                       Failure& failure) {
  if (Status status = check_document("dockerfile-1", document); !status.ok()) {
    return lie("is not valid: " + status.message());
  }
  if (const json::object fault = object_of(document, "fault"); !fault.empty()) {
    return take_fault(fault, failure);
  }
  plan.dockerfile_dir = text_of(document, "dir");
  plan.dockerfile_name = text_of(document, "name");
  plan.dockerfile_digest = text_of(document, "digest");
  plan.syntax = text_of(document, "syntax");
  if (!is_the_one(plan.dockerfile_dir, plan.dockerfile_name, request)) {
    return lie("is about another file");
  }
  for (const json::value& source : array_of(document, "sources")) {
    plan.sources.push_back(
        {std::string(text_of(source, "kind")), std::string(text_of(source, "ref")),
         static_cast<int>(int_of(source, "line")), std::string(text_of(source, "use")),
         std::string(text_of(source, "checksum"))});
  }
  for (const json::value& run : array_of(document, "runs")) {
    plan.runs.push_back({static_cast<int>(int_of(run, "line")),
                         std::string(text_of(run, "network")),
                         std::string(text_of(run, "security"))});
  }
  return take_stages(document, plan);
}

}  // namespace ktl
