// Whether a plugin's file and folder may be trusted: nobody but root and the user can change them.
#pragma once

#include <string>

#include "base/status.h"

namespace ktl {

// kPermissionDenied unless `fd` (a file or a folder that is already open) belongs to root or to the
// effective user and neither group nor others may write to it. `path` is for the message.
Status verify_owner(int fd, const std::string& path);

// The same for what only the effective user may own: caches that are believed later.
Status verify_own(int fd, const std::string& path);

// kDataLoss unless the file behind `fd` has the sha256 `expected` (64 hex digits); `origin` names
// the place of the pin.
Status verify_pin(const std::string& actual, const std::string& expected, const std::string& path,
                  const std::string& origin);

}  // namespace ktl
