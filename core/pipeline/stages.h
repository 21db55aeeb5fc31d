// The seven stages, in the order in which run() calls them. Each takes what those before it left in
// the Build; a failure ends the build.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Checks that what was asked for can be looked at at all, and says that the build begins.
Status check_request(Build& build);

// Says what the client's fence is, or why there is none; fails when one is demanded.
Status announce_fence(Build& build);

// Turns the request into the Plan: context, Dockerfile, stages, sources, names, destinations.
Status prepare(Build& build);

// States which fence is to be expected around the client and around the steps.
Status sandbox(Build& build);

// Connects, builds, and stops at the gate: the result is staged and not yet let go.
Status solve(Build& build);

// Lets every scan plugin look at what was staged.
Status scan(Build& build);

// States what is now known about the build.
Status attest(Build& build);

// Lets the result go and makes it visible, all of it or nothing.
Status export_result(Build& build);

}  // namespace ktl
