#include "core/pipeline/judges.h"

#include <algorithm>

#include "core/document/fields.h"
#include "core/pipeline/contract.h"

namespace ktl {
namespace {

constexpr size_t kShown = 20;  // denials of one policy; the Record has all

Status refuse(Build& build, Stage stage, const StagePlugin& policy, Status status) {
  return build.fail({stage, std::move(status), Cause::kRefused, policy.identity().id});
}

// What cannot be judged is not allowed.
Status fail(Build& build, Stage stage, const StagePlugin& policy, Status status) {
  const bool rules = status.code() == Code::kInvalidArgument && !policy.gone();
  return build.fail(
      {stage, std::move(status), rules ? Cause::kUsage : Cause::kRefused, policy.identity().id});
}

json::object question_of(const Build& build, const PlanSource& source) {
  json::object about{{"ref", source.ref}};
  if (auto pin = build.plan.pins.find(source.ref); pin != build.plan.pins.end()) {
    about["digest"] = pin->second;
  }
  return {{"schema", "ktl.question/1"},
          {"kind", "source"},
          {"build", build.setup().bus.build()},
          {"source", std::move(about)},
          {"line", source.line}};
}

Status ask_about(Build& build, StagePlugin& policy, const PlanSource& source) {
  auto answer = call_quietly(build, policy, contracts::kDecide, question_of(build, source));
  if (!answer.ok()) {
    return fail(build, Stage::kPrepare, policy, std::move(answer).status());
  }
  if (bool_of(*answer, "allow")) {
    return {};
  }
  const std::string rule(text_of(*answer, "rule"));
  Status status(Code::kPermissionDenied,
                (rule.empty() ? "" : rule + ": ") + source.ref +
                    " may not be used: " + std::string(text_of(*answer, "reason")));
  if (source.line > 0) {
    status = std::move(status).at(build.plan.dockerfile_name + ":" + std::to_string(source.line));
  }
  return refuse(build, Stage::kPrepare, policy, std::move(status));
}

// Who cannot answer is not asked again.
Status judge_sources_with(Build& build, StagePlugin& policy) {
  Status status;
  for (const PlanSource& source : build.plan.sources) {
    Status one = ask_about(build, policy, source);
    const bool answered = one.ok() || one.code() == Code::kPermissionDenied;
    status = status.ok() ? std::move(one) : status;
    if (!answered) {
      break;
    }
  }
  return status;
}

json::object judgement_of(const Build& build, Stage stage) {
  json::object judgement{{"schema", "ktl.judgement/1"},
                         {"stage", stage_name(stage)},
                         {"plan", build.plan_document},
                         {"findings", build.findings}};
  if (stage == Stage::kAttest) {
    json::array statements;
    for (const Statement& one : build.statements) {
      statements.push_back(one.statement);
    }
    judgement["solved"] = build.solved;
    judgement["isolation"] = to_json(build.isolation);
    judgement["statements"] = std::move(statements);
  }
  return judgement;
}

std::string remark_text(const json::value& remark) {
  return std::string(text_of(remark, "rule")) + ": " + std::string(text_of(remark, "message"));
}

void warn(const Build& build, const StagePlugin& policy, const json::array& warnings) {
  for (const json::value& warning : warnings) {
    const std::string place(text_of(warning, "location"));
    const std::string edit(text_of(warning, "edit"));
    build.publish("message/1",
                  {{"level", "warn"},
                   {"plugin", policy.identity().id},
                   {"text", remark_text(warning) + (place.empty() ? "" : " (" + place + ")") +
                                (edit.empty() ? "" : "; " + edit)}});
  }
}

Status deny(Build& build, Stage stage, const StagePlugin& policy, const json::array& denials) {
  Status first;
  for (size_t i = 0; i < std::min(denials.size(), kShown); ++i) {
    Status status = Status(Code::kPermissionDenied, remark_text(denials[i]))
                        .at(std::string(text_of(denials[i], "location")))
                        .advise(std::string(text_of(denials[i], "edit")));
    status = refuse(build, stage, policy, std::move(status));
    first = first.ok() ? std::move(status) : first;
  }
  if (denials.size() > kShown) {
    build.say("error", policy.identity().id + " has " + std::to_string(denials.size() - kShown) +
                           " more denials: the record lists them");
  }
  return first;
}

Status take(Build& build, Stage stage, const StagePlugin& policy, const json::value& verdict) {
  const std::string& id = policy.identity().id;
  const bool passed = bool_of(verdict, "passed");
  const json::array denials = array_of(verdict, "denials");
  const json::array warnings = array_of(verdict, "warnings");
  const json::object told{{"plugin", id},
                          {"stage", stage_name(stage)},
                          {"passed", passed},
                          {"denials", denials},
                          {"warnings", warnings}};
  json::object kept = told;
  if (const json::value* rules = field_of(verdict, "rules")) {
    kept["rules"] = *rules;
  }
  build.verdicts.push_back(std::move(kept));
  build.publish("verdict/1", told);
  warn(build, policy, warnings);
  Status status = deny(build, stage, policy, denials);
  if (passed != denials.empty()) {
    Status lie(Code::kPermissionDenied,
               passed ? id + " denies this build and says that it has passed"
                      : id + " says that this build has not passed, and not why");
    status = refuse(build, stage, policy, std::move(lie));
  }
  return status;
}

Status judge_with(Build& build, Stage stage, StagePlugin& policy, const json::object& judgement) {
  auto verdict = call_quietly(build, policy, contracts::kEvaluate, judgement);
  return verdict.ok() ? take(build, stage, policy, *verdict)
                      : fail(build, stage, policy, std::move(verdict).status());
}

}  // namespace

Status judge_sources(Build& build) {
  const auto& policies = build.setup().plugins.policies;
  Status status;
  for (StagePlugin* policy : policies) {
    Status one = judge_sources_with(build, *policy);
    status = status.ok() ? std::move(one) : status;
    if (build.setup().cancel.cancelled()) {
      return status;
    }
  }
  if (!policies.empty() && build.plan.dockerfile_dir.empty()) {
    build.say("warn",
              "only the builder reads this Dockerfile: of the sources that it names the policies "
              "hear when the builder wants them (BuildKit 0.26 or newer)");
  }
  return status;
}

Status judge(Build& build, Stage stage) {
  const auto& policies = build.setup().plugins.policies;
  if (policies.empty()) {
    return {};
  }
  const json::object judgement = judgement_of(build, stage);
  Status status;
  for (StagePlugin* policy : policies) {
    Status one = judge_with(build, stage, *policy, judgement);
    status = status.ok() ? std::move(one) : status;
    if (build.setup().cancel.cancelled()) {
      break;
    }
  }
  return status;
}

}  // namespace ktl
