// What a plugin's one symbol offers, looked up on the C boundary.
#pragma once

#include <ktl/plugin.h>

#include "core/plugins/verbs.h"

namespace ktl {

// The function that `entry` has for `verb`; null when it does not provide it. Calls nothing.
ktl_verb verb_of(const ktl_plugin_draft& entry, const Verb& verb);

}  // namespace ktl
