// Receives a folder from the builder: the receiver's half of BuildKit's file sync, as type=local
// outputs use it (github.com/tonistiigi/fsutil, receive.go).
#pragma once

#include "base/status.h"
#include "filesync/send_tree.h"

namespace ktl::filesync {

// What came.
struct Received {
  uint64_t files = 0;
  uint64_t bytes = 0;
};

// Writes everything into `root` (an empty folder, open with O_DIRECTORY) and returns when sender
// and receiver have said goodbye. The sender is not trusted: nothing outside `root` is touched, no
// symlink is followed, what exists is never overwritten. Owners become the caller; set-id bits,
// extended attributes and sockets are left out; times stay.
// kDataLoss: a packet or path that breaks the protocol, more than ten million entries, the sender's
// own failure; kPermissionDenied: a device file; else what the disk says.
Result<Received> receive_tree(int root, PacketSink& sink, PacketSource& source);

}  // namespace ktl::filesync
