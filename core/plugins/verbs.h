// The verbs of the interfaces in ktl/iface, as values that PluginHandle::invoke takes.
#pragma once

#include <ktl/iface/check.h>
#include <ktl/iface/command.h>
#include <ktl/iface/events.h>
#include <ktl/iface/export.h>
#include <ktl/iface/scan.h>
#include <ktl/iface/solve.h>

#include <cstddef>
#include <string_view>

namespace ktl {

struct Verb {
  const char* interface_id;
  const char* name;
  size_t offset;  // of its ktl_verb in the interface's struct
};

namespace verbs {

inline constexpr Verb kConnect{KTL_SOLVE_ID, "connect", offsetof(ktl_solve_v1, connect)};
inline constexpr Verb kBegin{KTL_SOLVE_ID, "begin", offsetof(ktl_solve_v1, begin)};
inline constexpr Verb kNext{KTL_SOLVE_ID, "next", offsetof(ktl_solve_v1, next)};
inline constexpr Verb kResume{KTL_SOLVE_ID, "resume", offsetof(ktl_solve_v1, resume)};
inline constexpr Verb kClose{KTL_SOLVE_ID, "close", offsetof(ktl_solve_v1, close)};
inline constexpr Verb kScan{KTL_SCAN_ID, "scan", offsetof(ktl_scan_v1, scan)};
inline constexpr Verb kChoose{KTL_EXPORT_ID, "choose", offsetof(ktl_export_v1, choose)};
inline constexpr Verb kStage{KTL_EXPORT_ID, "stage", offsetof(ktl_export_v1, stage)};
inline constexpr Verb kCommit{KTL_EXPORT_ID, "commit", offsetof(ktl_export_v1, commit)};
inline constexpr Verb kRollback{KTL_EXPORT_ID, "rollback", offsetof(ktl_export_v1, rollback)};
inline constexpr Verb kOnEvents{KTL_EVENTS_ID, "on_events", offsetof(ktl_events_v1, on_events)};
inline constexpr Verb kRun{KTL_COMMAND_ID, "run", offsetof(ktl_command_v1, run)};
inline constexpr Verb kCheck{KTL_CHECK_ID, "check", offsetof(ktl_check_v1, check)};

inline constexpr const Verb* kAll[] = {&kConnect,  &kBegin,  &kNext,  &kResume, &kClose,
                                       &kScan,     &kChoose, &kStage, &kCommit, &kRollback,
                                       &kOnEvents, &kRun,    &kCheck};

// The verb of these names, nullptr when there is none.
constexpr const Verb* find(std::string_view interface_id, std::string_view name) {
  for (const Verb* verb : kAll) {
    if (interface_id == verb->interface_id && name == verb->name) {
      return verb;
    }
  }
  return nullptr;
}

}  // namespace verbs
}  // namespace ktl
