// What plugins saw: told, recorded, and refused where it has to be.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Takes over the findings of one plugin. kPermissionDenied, recorded for `stage`, when one of them
// is of severity "block"; all are told nevertheless.
Status take_findings(Build& build, Stage stage, const StagePlugin& plugin,
                     const json::array& findings);

}  // namespace ktl
