#include "core/pipeline/exit_code.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace ktl {
namespace {

struct Rule {
  Stage stage;
  Code code;
  int exit;
};

// kOk stands for every code that has no line of its own; the first line that fits wins.
constexpr std::array<Rule, 13> kRules = {{
    {Stage::kRequest, Code::kOk, kExitUsage},
    {Stage::kPrepare, Code::kInternal, kExitPlugin},  // the worker died or lied
    {Stage::kPrepare, Code::kOk, kExitUsage},
    {Stage::kSandbox, Code::kOk, kExitIsolation},
    {Stage::kSolve, Code::kInvalidArgument, kExitUsage},
    {Stage::kSolve, Code::kUnavailable, kExitBuilder},
    {Stage::kSolve, Code::kUnimplemented, kExitBuilder},
    {Stage::kSolve, Code::kFailedPrecondition, kExitBuilder},
    {Stage::kSolve, Code::kResourceExhausted, kExitExport},  // no room for the result
    {Stage::kSolve, Code::kOk, kExitPlugin},
    {Stage::kScan, Code::kOk, kExitPlugin},
    {Stage::kAttest, Code::kOk, kExitExport},
    {Stage::kExport, Code::kOk, kExitExport},
}};

constexpr std::array<int, 11> kPrecedence = {
    kExitInterrupt, kExitTerminate, kExitUsage,  kExitIsolation, kExitBuilder, kExitSecrets,
    kExitRefused,   kExitBuild,     kExitPlugin, kExitExport,    kExitVerify};

auto rank_of(int exit) { return std::ranges::find(kPrecedence, exit) - kPrecedence.begin(); }

auto rank(const Failure& failure) { return rank_of(exit_code(failure)); }

int interrupted(int cancel_reason) {
  return cancel_reason == SIGTERM || cancel_reason == SIGHUP ? kExitTerminate : kExitInterrupt;
}

}  // namespace

std::string_view stage_name(Stage stage) {
  constexpr std::array<std::string_view, 7> kNames = {"request", "prepare", "sandbox", "solve",
                                                      "scan",    "attest",  "export"};
  return kNames.at(static_cast<size_t>(stage));
}

int exit_code(const Failure& failure, int cancel_reason) {
  if (failure.status.code() == Code::kCancelled) {
    return interrupted(cancel_reason);
  }
  switch (failure.cause) {
    case Cause::kBuild:
      return kExitBuild;
    case Cause::kUsage:
      return kExitUsage;
    case Cause::kRefused:
      return kExitRefused;
    case Cause::kSecrets:
      return kExitSecrets;
    case Cause::kPlugin:
      return kExitPlugin;
    case Cause::kStatus:
      break;
  }
  for (const Rule& rule : kRules) {
    if (rule.stage == failure.stage &&
        (rule.code == Code::kOk || rule.code == failure.status.code())) {
      return rule.exit;
    }
  }
  return kExitPlugin;
}

const Failure* decisive(std::span<const Failure> failures) {
  auto first = std::ranges::min_element(failures, {}, rank);
  return first == failures.end() ? nullptr : &*first;
}

int decisive_exit(std::span<const int> exits) {
  auto first = std::ranges::min_element(exits, {}, rank_of);  // 0 is in no rank: the last
  return first == exits.end() ? static_cast<int>(kExitDone) : *first;
}

int exit_code(std::span<const Failure> failures, int cancel_reason) {
  const Failure* failure = decisive(failures);
  if (failure == nullptr) {
    return kExitDone;
  }
  return cancel_reason >= 0 ? interrupted(cancel_reason) : exit_code(*failure);
}

}  // namespace ktl
