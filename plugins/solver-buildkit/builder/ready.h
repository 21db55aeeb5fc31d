// How a supervisor tells the client that started it whether the builder runs now.
#pragma once

#include <cstdint>
#include <functional>

#include "base/fd.h"
#include "base/status.h"
#include "builder/caller.h"

namespace ktl::builder {

// One message goes through: a status as JSON, then the end.
struct ReadyPipe {
  UniqueFd read;
  UniqueFd write;
};

Result<ReadyPipe> make_ready_pipe();

// Writes `status` and closes the pipe's end; does nothing without one.
void report_ready(UniqueFd& write, const Status& status);

// What the supervisor reported; kAborted when it ended without a word (it was killed),
// kDeadlineExceeded after `wait_ms`, kCancelled. Calls `still_waiting` once a second. At most 64
// KiB are read.
Status await_ready(const UniqueFd& read, int64_t wait_ms, const Caller& caller,
                   const std::function<void()>& still_waiting);

}  // namespace ktl::builder
