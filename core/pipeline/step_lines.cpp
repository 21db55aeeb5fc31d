#include "core/pipeline/step_lines.h"

#include <algorithm>

#include "core/document/fields.h"
#include "core/pipeline/requirements.h"
#include "lock/lock_file.h"

namespace ktl {
namespace {

constexpr size_t kMaxValue = 255;

std::string network_of(const Plan& plan) {
  const StepFence& fence = plan.fence;
  if (fence.network == "locked" && plan.lock != nullptr) {
    return "locked:" + std::to_string(plan.lock->downloads.size()) + " URLs";
  }
  std::string hosts;
  for (const std::string& host : fence.allow) {
    hosts += (hosts.empty() ? "" : ",") + host;
  }
  return fence.network == "list" ? ("allow:" + hosts).substr(0, kMaxValue) : fence.network;
}

IsolationLine& line_of(std::vector<IsolationLine>& lines, const std::string& control) {
  auto found = std::ranges::find(lines, control, &IsolationLine::control);
  return found != lines.end() ? *found : lines.emplace_back(IsolationLine{control, "", "unknown"});
}

const IsolationLine* find_line(const std::vector<IsolationLine>& lines,
                               const std::string& control) {
  auto found = std::ranges::find(lines, control, &IsolationLine::control);
  return found == lines.end() ? nullptr : &*found;
}

Status refuse(Build& build, Status status) {
  return status.ok() ? status : build.fail({Stage::kSandbox, std::move(status)});
}

std::string value_of(const std::vector<IsolationLine>& lines, const std::string& control) {
  const IsolationLine* line = find_line(lines, control);
  return line == nullptr ? "unknown" : line->value;
}

}  // namespace

Status expect_steps(Build& build) {
  if (build.plan.fence.network != "open") {
    line_of(build.isolation.steps, "network") = {"network", network_of(build.plan), "declared"};
  }
  return refuse(build, check_required(build.request().require, "steps", build.isolation.steps,
                                      Evidence::kDeclared));
}

Status state_steps(Build& build) {
  if (build.plan.fence.network != "open" && bool_of(build.features, "steps_fenced")) {
    line_of(build.isolation.steps, "network").evidence = "probed";
  }
  build.say("info", isolation_line(build.isolation));
  return refuse(build, check_required(build.request().require, "steps", build.isolation.steps,
                                      Evidence::kProbed));
}

std::string isolation_line(const Isolation& isolation) {
  return "isolation: client " + value_of(isolation.client, "fence") + ", network " +
         value_of(isolation.client, "network") + "; steps " + value_of(isolation.steps, "fence") +
         ", network " + value_of(isolation.steps, "network");
}

}  // namespace ktl
