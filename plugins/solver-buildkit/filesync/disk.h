// How the sender looks at the disk: always below a folder it holds open, never through a symlink.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "filesync/packet.h"

namespace ktl::filesync {

// `path` between quotes, with \n, \" and \xff for what would not show or is no UTF-8.
std::string quoted_path(std::string_view path);

// A failure that names a file of the context and says what a user can do about it.
Status disk_failure(std::string_view what, std::string_view path, int error_number);

// Whether errno says that something is no longer there, or no longer what it was.
bool vanished(int error_number);

// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; the descriptor is invalid and errno set
// when that fails.
UniqueFd open_plain(int root, const char* path, int flags);

struct Name {
  std::string name;
  uint8_t type;  // DT_DIR, DT_UNKNOWN ...
};

// What an open folder holds but "." and "..", sorted by bytes. Moves the descriptor's offset.
Result<std::vector<Name>> list_folder(int folder, std::string_view path);

struct Entry {
  Stat stat;  // without a path
  dev_t device = 0;
  ino_t inode = 0;
  nlink_t links = 0;
  int64_t ctime_ns = 0;  // since 1970
};

// Reads what `name` in `folder` is, extended attributes included but those of macOS; with "" for a
// name, the folder itself. False when it has vanished. `path` is for messages.
// kResourceExhausted: more than 1 MiB of extended attributes.
Result<bool> read_entry(int folder, const char* name, std::string_view path, Entry& entry);

}  // namespace ktl::filesync
