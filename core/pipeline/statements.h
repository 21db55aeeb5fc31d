// What attest plugins state and sign, and where it is kept.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Lets every attest plugin state what it knows, into build.statements and the evidence folder,
// without the secrets it may tell. A failure is recorded for the attest stage; two statements of
// one name as the failure of a plugin, naming both.
Status make_statements(Build& build);

// Has each statement signed once: by its maker, else by the first plugin that can. What nobody
// signs stays unsigned and is told. A failure to sign is recorded for the attest stage.
Status sign_statements(Build& build);

}  // namespace ktl
