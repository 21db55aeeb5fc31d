// What went wrong in a build, precisely enough to choose an exit code and to tell the user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

enum class Stage { kRequest, kPrepare, kSandbox, kSolve, kScan, kAttest, kExport };

// "prepare" for kPrepare, and so on: as in events and on the command line.
std::string_view stage_name(Stage stage);

// What kind of failure it is, where stage and code do not say it.
enum class Cause {
  kStatus,   // the code says it
  kBuild,    // a step, or what the Dockerfile says
  kUsage,    // what the user wrote
  kRefused,  // a gate looked and said no
  kSecrets,  // a gate found secrets
  kPlugin,   // the plugin itself went down, whatever it was doing
};

struct Failure {
  Stage stage = Stage::kRequest;
  Status status;
  Cause cause = Cause::kStatus;
  std::string plugin;      // empty: ktl itself
  json::value error = {};  // ktl.build-error/1 or null
};

}  // namespace ktl
