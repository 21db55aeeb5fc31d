// A lock and all it names in one file, so that its build can be repeated elsewhere without a
// network: a tar of ktl.lock and blobs/sha256/<64 hex>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/status.h"
#include "lock/lock_file.h"
#include "oci/store.h"

namespace ktl::lock {

// Replaces `file` in one step, mode 0644; the same lock and content give the same bytes. `text` is
// the lock's file. kNotFound: something that it names is not in `store`, and nothing was written.
Status write_archive(const std::filesystem::path& file, const std::string& text,
                     const oci::Store& store);

// Puts the blobs of such a file into `store` and returns the text of its ktl.lock. The file comes
// from somewhere: every blob is hashed before it has a name, nothing else is looked at.
// kInvalidArgument: it is no such archive, or is cut off, or names another kind of entry;
// kDataLoss: a blob is not what its name says. What came before a fault stays: it is content by
// digest.
Result<std::string> read_archive(const std::filesystem::path& file, const oci::Store& store);

}  // namespace ktl::lock
