// The end of every build: cleanup, the Record, and what is told about it.
#pragma once

#include <filesystem>
#include <string>

#include "core/pipeline/build.h"
#include "lock/recorded.h"

namespace ktl {

// What a build came to. The details were events.
struct BuildOutcome {
  int exit = 0;
  std::filesystem::path record;  // empty when it could not be written
  std::string root;              // digest of the manifest or index, empty when nothing was staged
  std::string image;             // the image's id: its config's digest, else `root`
  json::array receipts;          // empty unless exit is 0
  json::object metadata;         // what the builder answered, empty unless exit is 0
  lock::Recorded recorded;       // of `ktl lock`, empty unless exit is 0
};

// Undoes and releases what the stages left, writes the Record, says why the build failed, and
// chooses the exit code.
BuildOutcome finish(Build& build);

}  // namespace ktl
