// One mount of a fence, in one form for what policies and binds say.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "jail/machine.h"
#include "jail/message.h"

namespace ktl::jail {

enum class MountKind : uint8_t { kBind, kFilesystem, kContent, kSymlink };

struct Mount {
  MountKind kind = MountKind::kBind;
  std::string src;      // kSymlink: where it points
  std::string dst;      // plain
  std::string fstype;   // of a kFilesystem
  std::string options;  // of a kFilesystem
  std::string content;  // of a kContent
  bool rw = false;
  bool folder = true;
  bool mandatory = true;
  bool nosuid = false;
  bool nodev = false;
  bool noexec = false;
  std::string origin;  // who wants it: "FILE:LINE:COLUMN", "the bind SRC:DST"
};

// The mounts of a policy in its order, and mount_proc's at their end. Variables of prefix_src_env
// and prefix_dst_env are put in. Binds whose source does not exist are left out when `mandatory`
// is false, else kNotFound. kInvalidArgument at the mount's place: it says what nsjail would not
// understand, or a path is not absolute.
Result<std::vector<Mount>> mounts_of(const Message& policy, std::string_view file,
                                     const Machine& machine);

// Whether the source of a bind exists; fills in `folder`. kNotFound names it and `origin`.
Status look_at_source(Mount& mount);

// The same as a message of nsjail's schema.
Message to_message(const Mount& mount);

}  // namespace ktl::jail
