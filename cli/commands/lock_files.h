// ktl lock: the files it writes and reads.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/document/request.h"
#include "lock/lock_file.h"

namespace ktl::cli {

// Where `--locked` looks for the ktl.lock of a build: in the root of its context.
// kInvalidArgument: a context that is no folder has no such place.
Result<std::filesystem::path> lock_place(const Request& request);

// Adds what another build of the same context is made from. What they do not agree on is not
// lockable.
void merge_lock(lock::Lock& to, lock::Lock from);

// Replaces the file in one step.
Status write_lock(const std::filesystem::path& place, const lock::Lock& lock);

// --export: `place` and what it names, out of kept content, into `file`. kNotFound: there is no
// lock, or something that it names is not kept.
Status export_lock(const std::filesystem::path& place, const std::filesystem::path& file);

// --import: the reverse. kAlreadyExists: another ktl.lock is at `place`, and stays there.
Status import_lock(const std::filesystem::path& place, const std::filesystem::path& file);

}  // namespace ktl::cli
