// What each verb is given, gives back, and how long it may take.
#pragma once

#include <cstdint>

#include "core/pipeline/build.h"

namespace ktl {

// A verb with its documents' schemas; an empty name: nothing is promised about that document.
struct Contract {
  Verb verb;
  const char* in;
  const char* out;
  int64_t seconds;    // 0: as long as it takes
  bool heeds_cancel;  // false: runs to its end although the build is cancelled, since it cleans up
};

namespace contracts {

inline constexpr int64_t kMinute = 60;

// connect may start the private builder; commit may push gigabytes over a slow line.
inline constexpr Contract kConnect{verbs::kConnect, "builder-1", "features-1", 2 * kMinute, true};
inline constexpr Contract kBegin{verbs::kBegin, "solve-1", "begun-1", kMinute, true};
inline constexpr Contract kNext{verbs::kNext, "begun-1", "turn-1", 0, true};
inline constexpr Contract kResume{verbs::kResume, "decision-1", "", kMinute, false};
inline constexpr Contract kClose{verbs::kClose, "begun-1", "", kMinute / 2, false};
inline constexpr Contract kScan{verbs::kScan, "solved-1", "findings-1", 30 * kMinute, true};
inline constexpr Contract kChoose{verbs::kChoose, "plan-1", "choice-1", kMinute, true};
inline constexpr Contract kStage{verbs::kStage, "solved-1", "staged-1", 60 * kMinute, true};
inline constexpr Contract kCommit{verbs::kCommit, "solved-1", "receipts-1", 120 * kMinute, true};
inline constexpr Contract kRollback{verbs::kRollback, "solved-1", "", 2 * kMinute, false};

}  // namespace contracts

// Calls `plugin` under its contract. A failure is recorded in `build` for `stage` and names the
// plugin; a document that breaks its schema is kInternal.
Result<json::value> call(Build& build, Stage stage, StagePlugin& plugin, const Contract& contract,
                         const json::value& document);

// The same without recording: for the cleanup, whose failures are only told.
Result<json::value> call_quietly(const Build& build, StagePlugin& plugin, const Contract& contract,
                                 const json::value& document);

}  // namespace ktl
