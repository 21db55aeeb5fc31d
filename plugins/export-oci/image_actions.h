// What `ktl image push|load|export` do, by the parts that exports are made of.
#pragma once

#include <ktl/call.hpp>

#include "base/json.h"
#include "images.h"
#include "pusher.h"

namespace ktl::export_oci {

// `command` is the ktl.command/1 document: its registries' rules hold for push. Both, and `call`,
// must outlive the actions.
ImageActions image_actions(const Call& call, const json::value& command, Pusher& pusher);

}  // namespace ktl::export_oci
