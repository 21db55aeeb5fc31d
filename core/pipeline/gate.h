// The solver's side of a build: asking what comes next, and answering the gate.
#pragma once

#include <string>

#include "core/pipeline/build.h"

namespace ktl {

// The one plugin that solves. kUnavailable when there is none, kInvalidArgument when there are
// several.
Result<StagePlugin*> solver_of(const StagePlugins& plugins);

// Answers the open gate; does nothing when none is open. Refusing is not stopped by a cancelled
// build.
Status answer_gate(Build& build, StagePlugin& solver, bool allow, const std::string& reason);

// Records that the solver failed in `stage`; a builder that went away is a failure of the solve in
// every stage (exit code 6, not that of the stage it left).
Status solver_failed(Build& build, StagePlugin& solver, Stage stage, Status status);

// The solver's next turn, checked: ktl.turn/1 with valid inner documents. Failures are recorded
// for `stage`, a failed build as the build's fault where `stage` is kSolve.
Result<json::object> next_turn(Build& build, StagePlugin& solver, Stage stage);

// kDataLoss unless the gate holds a staged result whose root bytes, where given, are those that
// its digest names.
Status check_gate(const json::object& gate);

// The digest of a solved document's root, empty when nothing was staged.
std::string root_digest(const json::object& solved);

}  // namespace ktl
