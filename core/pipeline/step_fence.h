// What the steps of a build may reach, as it was asked for: --hermetic, --allow-network, --network.
#pragma once

#include "core/document/plan.h"
#include "core/document/request.h"

namespace ktl {

// Fills plan.fence. kInvalidArgument: flags that contradict each other, or a host that is none.
Status plan_fence(const Request& request, Plan& plan);

// Whether the plan of this request will have a fence.
bool asks_for_fence(const Request& request);

// `ktl lock`: what steps fetch is written down, and nothing else comes of the build.
inline bool is_recorded(const Request& request) { return request.command == "lock"; }

// True when the builder has to ask ktl while it builds.
inline bool is_fenced(const StepFence& fence) { return fence.hermetic || fence.network != "open"; }

}  // namespace ktl
