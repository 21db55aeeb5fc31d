// Which exit code stands for what happened.
#pragma once

#include <span>

#include "core/pipeline/failure.h"

namespace ktl {

// The exit codes of ktl build; `ktl help build` lists them.
enum Exit : int {
  kExitDone = 0,
  kExitBuild = 1,        // a step, the Dockerfile's content
  kExitUsage = 2,        // usage or configuration
  kExitRefused = 3,      // policy and other gates
  kExitSecrets = 4,      // secrets found in block mode
  kExitIsolation = 5,    // sandbox or a demanded isolation is missing
  kExitBuilder = 6,      // builder unreachable or lacks a feature
  kExitExport = 7,       // export or evidence could not be produced
  kExitPlugin = 8,       // a plugin failed
  kExitVerify = 9,       // verification failed
  kExitInterrupt = 130,  // SIGINT
  kExitTerminate = 143,  // SIGTERM, SIGHUP
};

// The code for one failure. `cancel_reason` is CancelToken::reason(): -1 when nobody cancelled.
int exit_code(const Failure& failure, int cancel_reason = -1);

// The failure whose code wins when there are several (130/143, 2, 5, 6, 4, 3, 1, 8, 7, 9; among
// equals the first); nullptr when there is none.
const Failure* decisive(std::span<const Failure> failures);

// Of the exit codes of several builds the one that wins, in the same order; 0 when all are.
int decisive_exit(std::span<const int> exits);

// 0 without failures; 130 or 143 when the build failed and somebody had cancelled it.
int exit_code(std::span<const Failure> failures, int cancel_reason);

}  // namespace ktl
