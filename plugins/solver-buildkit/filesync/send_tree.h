// Sends a folder to the builder: the sender's half of BuildKit's file sync.
//
// The protocol is that of github.com/tonistiigi/fsutil (send.go, receive.go), which BuildKit
// carries in moby.filesync.v1.FileSync/DiffCopy: one STAT for every entry in tree order, an empty
// STAT as the end, then DATA for what the receiver asks for, FIN from it and FIN back.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::filesync {

// Where packets go: each message is one serialized fsutil.types.Packet, unframed, possibly empty
// (the end of the STATs), at most kMaxMessage bytes, borrowed for the call. A call blocks while
// the peer has no room. Called by one thread at a time.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  virtual Status send(std::string_view message) = 0;

  // Several messages in order, about 128 KiB together; the views lie in one buffer. A transport
  // that can gather overrides this.
  virtual Status send_batch(std::span<const std::string_view> messages) {
    for (std::string_view message : messages) {
      KTL_TRY(send(message));
    }
    return {};
  }
};

// Where the receiver's packets come from. Read by one thread, which is not the one that sends.
class PacketSource {
 public:
  virtual ~PacketSource() = default;
  // One serialized Packet; nothing at the end of the stream. Blocks.
  virtual Result<std::optional<std::string>> receive() = 0;

  // Makes a receive() that blocks, and every later one, return soon. Called from another thread
  // when sending failed or was cancelled; without it send_tree() returns only when the stream ends.
  virtual void interrupt() {}
};

struct Entry;

// What to send. Patterns have .dockerignore syntax (dockerfile/patterns.h).
struct TreeRequest {
  // The folder, open for reading (O_DIRECTORY); borrowed until send_tree() returns. Nothing
  // outside of it is ever opened, whatever links say.
  int root = -1;
  std::vector<std::string> include_patterns;  // none: everything
  std::vector<std::string> exclude_patterns;
  // Paths, the last part possibly with wildcards; symlinks in them are resolved inside the root
  // and every path on the way becomes an include pattern.
  std::vector<std::string> follow_paths;
  // Relative paths that are left out whatever the patterns say, folders with all they hold: for
  // files ktl itself writes there.
  std::vector<std::string> excluded_paths;
  // Told every entry when it is listed, in the calling thread; may be null.
  std::function<void(const Entry&)> listed = nullptr;
};

// A file that was not the same when its content was sent as when it was listed.
struct TransferNote {
  enum class Kind {
    kVanished,  // gone, or no longer a regular file: sent as an empty file, as fsutil does
    kChanged,   // size or modification time differ: what was read was sent
  };
  Kind kind;
  std::string path;  // relative to the root, bytes as on disk
};

// Counters may be read by any thread while the transfer runs, `notes` once it is over.
struct Progress {
  static constexpr size_t kMaxNotes = 100;
  std::atomic<uint64_t> entries = 0;  // STATs sent
  std::atomic<uint64_t> files = 0;    // files whose content was sent
  std::atomic<uint64_t> bytes = 0;    // bytes of content sent
  std::vector<TransferNote> notes;    // the first kMaxNotes
};

// Serves one DiffCopy stream to its end; the stream may then be closed with OK, or with the
// failure that is returned (the receiver was told its message in an ERR packet). Starts one thread
// for `source` and joins it. `cancelled` is asked every few milliseconds of work, from the calling
// thread; true ends the transfer with kCancelled. `progress` may be null.
//
// Errors: kInvalidArgument a pattern, kPermissionDenied a file or folder that cannot be read,
// kResourceExhausted a bound below, kUnavailable the stream ended early, kAborted the receiver
// reported a failure, kDataLoss it broke the protocol.
Status send_tree(const TreeRequest& request, PacketSink& sink, PacketSource& source,
                 const std::function<bool()>& cancelled, Progress* progress);

// Bounds. Daemons accept 4 MiB for a message at least.
inline constexpr size_t kMaxMessage = size_t{3} << 20;
inline constexpr size_t kDataChunk = size_t{256} << 10;  // bytes of content in one DATA packet
inline constexpr int kMaxDepth = 256;                    // folders inside each other

}  // namespace ktl::filesync
