// The part of a Plan that is read from the Dockerfile: stages and sources.
#pragma once

#include "core/document/plan.h"
#include "core/document/request.h"
#include "core/pipeline/dockerfile_input.h"
#include "core/pipeline/failure.h"

namespace ktl {

// Fills plan.stages, plan.sources and plan.syntax for plan.platforms (empty: the host's). `failure`
// says on failure whether the Dockerfile or the request is to blame.
Status plan_stages(const DockerfileInput& input, const Request& request, Plan& plan,
                   Failure& failure);

}  // namespace ktl
