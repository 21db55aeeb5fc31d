// Mounts as bubblewrap's options.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "jail/mount.h"
#include "refusals.h"

namespace ktl::sandbox_bwrap {

using Words = std::vector<std::string>;

// Where the content of a file goes; gives the number of a descriptor.
using KeepFile = std::function<int(const std::string&)>;

// One mount: options for `words`, and what has to be made read-only once all is mounted for `last`.
// `refusals` gets each option of the mount that bubblewrap has no word for.
void add_mount(const jail::Mount& mount, const KeepFile& keep, Words& words, Words& last,
               Refusals& refusals);

}  // namespace ktl::sandbox_bwrap
