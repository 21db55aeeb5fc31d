// What each verb is given, gives back, and how long it may take.
#pragma once

#include <cstdint>

#include "core/pipeline/build.h"

namespace ktl {

// A verb, whose documents are judged on their way in and out, and its limits.
struct Contract {
  Verb verb;
  int64_t seconds;    // 0: as long as it takes
  bool heeds_cancel;  // false: runs to its end although the build is cancelled, since it cleans up
};

namespace contracts {

inline constexpr int64_t kMinute = 60;

// What the headers in ktl/iface promise. connect may start the private builder, and wait for builds
// on one that is being replaced; commit may push gigabytes over a slow line.
inline constexpr Contract kPrepare{verbs::kPrepare, 5 * kMinute, true};
inline constexpr Contract kDecide{verbs::kDecide, kMinute / 6, true};
inline constexpr Contract kEvaluate{verbs::kEvaluate, 5 * kMinute, true};
inline constexpr Contract kProbe{verbs::kProbe, kMinute, true};
inline constexpr Contract kWrap{verbs::kWrap, kMinute, true};
inline constexpr Contract kAcquire{verbs::kAcquire, 30 * kMinute, true};
inline constexpr Contract kRelease{verbs::kRelease, kMinute, false};
inline constexpr Contract kConnect{verbs::kConnect, 30 * kMinute, true};
inline constexpr Contract kBegin{verbs::kBegin, kMinute, true};
inline constexpr Contract kNext{verbs::kNext, 0, true};
inline constexpr Contract kLast{verbs::kNext, kMinute / 4, false};  // after a refusal
inline constexpr Contract kResume{verbs::kResume, kMinute, false};
inline constexpr Contract kClose{verbs::kClose, kMinute / 2, false};
inline constexpr Contract kScan{verbs::kScan, 30 * kMinute, true};
inline constexpr Contract kAttest{verbs::kAttest, 30 * kMinute, true};
inline constexpr Contract kSign{verbs::kSign, 5 * kMinute, true};
inline constexpr Contract kChoose{verbs::kChoose, kMinute, true};
inline constexpr Contract kStage{verbs::kStage, 60 * kMinute, true};
inline constexpr Contract kCommit{verbs::kCommit, 120 * kMinute, true};
inline constexpr Contract kRollback{verbs::kRollback, 2 * kMinute, false};

}  // namespace contracts

// Records that `plugin` failed: whether it is the work that could not be done, or the plugin that
// is no longer there, is looked at.
Status fail_for(Build& build, Stage stage, const StagePlugin& plugin, Status status);

// Calls `plugin` under its contract. A failure is recorded in `build` for `stage` and names the
// plugin; a document that breaks its schema is kInternal.
Result<json::value> call(Build& build, Stage stage, StagePlugin& plugin, const Contract& contract,
                         const json::value& document);

// The same without recording: for the cleanup, whose failures are only told.
Result<json::value> call_quietly(const Build& build, StagePlugin& plugin, const Contract& contract,
                                 const json::value& document);

}  // namespace ktl
