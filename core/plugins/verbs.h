// The verbs of the interfaces in ktl/iface, as values that Plugin::invoke takes.
#pragma once

#include <ktl/iface/attest.h>
#include <ktl/iface/builder.h>
#include <ktl/iface/cache.h>
#include <ktl/iface/check.h>
#include <ktl/iface/command.h>
#include <ktl/iface/events.h>
#include <ktl/iface/export.h>
#include <ktl/iface/policy.h>
#include <ktl/iface/prepare.h>
#include <ktl/iface/sandbox.h>
#include <ktl/iface/scan.h>
#include <ktl/iface/secret.h>
#include <ktl/iface/solve.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace ktl {

// `in` and `out` are the documents' schemas ("plan-1"); empty: no document, or one whose shape
// nothing is promised of. `bytes`: what comes out is no JSON but a secret's value.
struct Verb {
  const char* interface_id;
  const char* name;
  size_t offset;  // of its ktl_verb in the interface's struct
  const char* in = "";
  const char* out = "";
  bool bytes = false;
};

namespace verbs {

inline constexpr Verb kPrepare{KTL_PREPARE_ID, "prepare", offsetof(ktl_prepare_v1, prepare),
                               "preparation-1", "amendments-1"};
inline constexpr Verb kProbe{KTL_SANDBOX_ID, "probe", offsetof(ktl_sandbox_v1, probe), "fence-1",
                             "sandbox-1"};
inline constexpr Verb kWrap{KTL_SANDBOX_ID, "wrap", offsetof(ktl_sandbox_v1, wrap), "wrap-1",
                            "wrapped-1"};
inline constexpr Verb kAcquire{KTL_BUILDER_ID, "acquire", offsetof(ktl_builder_v1, acquire),
                               "builder-1", "lease-1"};
inline constexpr Verb kRelease{KTL_BUILDER_ID, "release", offsetof(ktl_builder_v1, release),
                               "lease-1", ""};
inline constexpr Verb kConnect{KTL_SOLVE_ID, "connect", offsetof(ktl_solve_v1, connect),
                               "builder-1", "features-1"};
inline constexpr Verb kBegin{KTL_SOLVE_ID, "begin", offsetof(ktl_solve_v1, begin), "solve-1",
                             "begun-1"};
inline constexpr Verb kNext{KTL_SOLVE_ID, "next", offsetof(ktl_solve_v1, next), "begun-1",
                            "turn-1"};
inline constexpr Verb kResume{KTL_SOLVE_ID, "resume", offsetof(ktl_solve_v1, resume), "decision-1",
                              ""};
inline constexpr Verb kClose{KTL_SOLVE_ID, "close", offsetof(ktl_solve_v1, close), "begun-1", ""};
inline constexpr Verb kScan{KTL_SCAN_ID, "scan", offsetof(ktl_scan_v1, scan), "solved-1",
                            "findings-1"};
inline constexpr Verb kEvaluate{KTL_POLICY_ID, "evaluate", offsetof(ktl_policy_v1, evaluate),
                                "judgement-1", "verdict-1"};
inline constexpr Verb kDecide{KTL_POLICY_ID, "decide", offsetof(ktl_policy_v1, decide),
                              "question-1", "answer-1"};
inline constexpr Verb kCacheOptions{KTL_CACHE_ID, "options", offsetof(ktl_cache_v1, options),
                                    "plan-1", "cache-options-1"};
inline constexpr Verb kInspectCache{KTL_CACHE_ID, "inspect", offsetof(ktl_cache_v1, inspect),
                                    "cache-query-1", "cache-report-1"};
inline constexpr Verb kPlanCache{KTL_CACHE_ID, "plan", offsetof(ktl_cache_v1, plan),
                                 "cache-query-1", "cache-plan-1"};
inline constexpr Verb kWarmCache{KTL_CACHE_ID, "warm", offsetof(ktl_cache_v1, warm),
                                 "cache-query-1", "cache-warmed-1"};
inline constexpr Verb kAttest{KTL_ATTEST_ID, "attest", offsetof(ktl_attest_v1, attest), "subject-1",
                              "statements-1"};
inline constexpr Verb kSign{KTL_ATTEST_ID, "sign", offsetof(ktl_attest_v1, sign), "statement-1",
                            "envelope-1"};
inline constexpr Verb kVerify{KTL_ATTEST_ID, "verify", offsetof(ktl_attest_v1, verify),
                              "envelope-1", "verification-1"};
inline constexpr Verb kChoose{KTL_EXPORT_ID, "choose", offsetof(ktl_export_v1, choose), "plan-1",
                              "choice-1"};
inline constexpr Verb kStage{KTL_EXPORT_ID, "stage", offsetof(ktl_export_v1, stage), "solved-1",
                             "staged-1"};
inline constexpr Verb kCommit{KTL_EXPORT_ID, "commit", offsetof(ktl_export_v1, commit), "solved-1",
                              "receipts-1"};
inline constexpr Verb kRollback{KTL_EXPORT_ID, "rollback", offsetof(ktl_export_v1, rollback),
                                "solved-1", ""};
inline constexpr Verb kOnEvents{KTL_EVENTS_ID, "on_events", offsetof(ktl_events_v1, on_events), "",
                                ""};
inline constexpr Verb kResolve{KTL_SECRET_ID, "resolve", offsetof(ktl_secret_v1, resolve),
                               "reference-1", "",        true};
inline constexpr Verb kRun{KTL_COMMAND_ID, "run", offsetof(ktl_command_v1, run), "command-1",
                           "exit-1"};
inline constexpr Verb kCheck{KTL_CHECK_ID, "check", offsetof(ktl_check_v1, check), "", "probes-1"};

// All of them.
inline constexpr std::array<Verb, 28> kAll = {
    {kPrepare,      kProbe,     kWrap,      kAcquire,  kRelease,  kConnect, kBegin,
     kNext,         kResume,    kClose,     kScan,     kEvaluate, kDecide,  kCacheOptions,
     kInspectCache, kPlanCache, kWarmCache, kAttest,   kSign,     kVerify,  kChoose,
     kStage,        kCommit,    kRollback,  kOnEvents, kResolve,  kRun,     kCheck}};

// The verb of these names, nullptr when there is none.
constexpr const Verb* find(std::string_view interface_id, std::string_view name) {
  for (const Verb& verb : kAll) {
    if (interface_id == verb.interface_id && name == verb.name) {
      return &verb;
    }
  }
  return nullptr;
}

}  // namespace verbs
}  // namespace ktl
