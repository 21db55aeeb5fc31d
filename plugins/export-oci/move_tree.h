// Moves files into a folder, each in one step.
#pragma once

#include <filesystem>

#include "base/status.h"

namespace ktl::export_oci {

// Everything in `from` into `to` (both exist): folders are made or kept, anything else takes the
// place of what has its name, by rename(2), or by a copy beside it and a rename where the disks
// differ. No symlink is followed on either side. kAlreadyExists: a folder lies where a file must
// go; nothing is ever removed but single files that are replaced. Modes and times are kept.
Status move_tree(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace ktl::export_oci
