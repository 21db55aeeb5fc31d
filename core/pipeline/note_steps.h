// What a build has shown of its steps, and what the ledger knows of those that were cached.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Takes the "steps" out of `solved` (ktl.solved/1 of a build that is done, or the end of one that
// failed) into `build.steps`, each
// with the fence behind which it ran, and adds the RUN steps that ran now to the ledger of their
// daemon, below $XDG_STATE_HOME/ktl/ledger. What a daemon's cache holds counts as nothing without
// an entry: a ledger that cannot be read or written is told and makes steps unknown, and never
// fails a build.
void note_steps(Build& build, const json::object& solved);

}  // namespace ktl
