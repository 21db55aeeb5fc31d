// The policies' part in a build: may this source be used, may this build go on.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Puts every source of the plan to every policy. A refusal, and a policy that cannot answer, is
// recorded as a refusal in the prepare stage, one for each source.
Status judge_sources(Build& build);

// Has every policy judge what is known by now: the plan in the prepare stage, all of it in the
// attest stage. All must agree. A denial, a verdict that contradicts itself, and a policy that
// cannot judge are recorded as refusals of `stage`; a policy that says its rules are wrong as the
// user's mistake. Verdicts are told as verdict/1, their warnings to people.
Status judge(Build& build, Stage stage);

}  // namespace ktl
