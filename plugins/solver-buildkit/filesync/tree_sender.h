// The sender of file sync as a state machine, without threads and sockets.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>

#include "base/fd.h"
#include "base/status.h"
#include "filesync/file_table.h"
#include "filesync/packet_batch.h"
#include "filesync/send_tree.h"
#include "filesync/tree_walk.h"

namespace ktl::filesync {

// Content that was asked for goes before further STATs. One file is read at a time, in chunks.
// Not thread-safe.
class TreeSender {
 public:
  // Reads the request's patterns and follows its paths. `request` and `progress` are borrowed.
  static Result<TreeSender> make(const TreeRequest& request, Progress& progress);

  // REQ and FIN from the receiver.
  void ask(uint32_t id) { asked_.push_back(id); }
  void finish() { finished_ = true; }

  enum class State : uint8_t {
    kMore,  // the batch is full: call again
    kIdle,  // nothing to say until the receiver speaks
    kDone,  // FIN is in the batch: the last message
  };
  // Adds what is to be sent next. After a failure the batch holds what came before it.
  Result<State> produce(PacketBatch& batch);

 private:
  struct OpenFile {
    uint32_t id;
    FileTable::File known;
    UniqueFd fd;
    int64_t sent = 0;
  };

  TreeSender(const TreeRequest& request, Filter filter, Progress& progress)
      : root_(request.root),
        walk_(request.root, std::move(filter)),
        progress_(&progress),
        listed_(request.listed) {}

  Status walk_on(PacketBatch& batch);
  Status open_next(PacketBatch& batch);
  Status send_chunk(PacketBatch& batch);
  void note(TransferNote::Kind kind, std::string_view path);

  int root_;
  TreeWalk walk_;
  Progress* progress_;
  std::function<void(const Entry&)> listed_;
  bool walked_ = false;
  bool finished_ = false;
  Entry entry_;
  FileTable files_;
  std::deque<uint32_t> asked_;
  std::optional<OpenFile> open_;
};

}  // namespace ktl::filesync
