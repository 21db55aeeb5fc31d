// What a build would do, without doing it.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

struct Preview {
  json::object plan;       // ktl.plan/1
  json::object isolation;  // ktl.isolation/1, as expected before anything runs
  Status status;           // not ok: the documents are not there
  int exit = 0;            // the exit code that a build would have had
};

// Runs the stages up to the fence, and none that needs a builder. No Record is written.
Preview preview(const BuildSetup& setup);

}  // namespace ktl
