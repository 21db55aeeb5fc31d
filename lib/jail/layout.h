// Mounts in an order and a form in which mounting them makes and follows nothing on this machine.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "jail/mount.h"

namespace ktl::jail {

// A runtime makes the mount points it does not find, and looks their paths up while this machine's
// files are still there: below a bind it would make folders on this machine, and follow a link of
// a stranger's build context out of the fence. So, for each mount below a bind:
//  - its place exists there: left as it is
//  - it does not, and the bind is read-only: the bind becomes a tmpfs with each entry bound and
//    each link made anew, as deep as the way to the place goes (at most 10,000 entries)
//  - it does not, and the bind is writable: kInvalidArgument, it has to be made first
//  - a link is at its place, and the bind is read-only: the same, without the link
//  - a link lies on the way: kInvalidArgument
// `mount_points`, when not empty: what is mounted below a read-only bind is bound read-only too,
// for runtimes whose binds leave that writable.
Result<std::vector<Mount>> lay_out(std::vector<Mount> mounts,
                                   const std::vector<std::string>& mount_points);

}  // namespace ktl::jail
