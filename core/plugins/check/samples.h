// Documents to try a plugin's verbs with: small, valid, and about nothing that exists.
#pragma once

#include "base/json.h"
#include "core/plugins/manifest.h"
#include "core/plugins/verbs.h"

namespace ktl {

// Whether a verb can be tried without starting, pushing or signing anything.
bool is_harmless(const Verb& verb);

// A document for a harmless verb of a plugin.
json::value sample_for(const Verb& verb, const Manifest& manifest);

}  // namespace ktl
