#include "services/filesync.h"

#include <utility>

#include "base/json.h"
#include "services/rpc_packets.h"

namespace ktl::solver {
namespace {

filesync::TreeRequest request_of(const Rpc& rpc, const SharedFolder& folder) {
  filesync::TreeRequest request;
  request.root = folder.root.get();
  request.include_patterns = rpc.values("include-patterns");
  request.exclude_patterns = rpc.values("exclude-patterns");
  request.follow_paths = rpc.values("followpaths");
  request.excluded_paths = folder.excluded;
  request.listed = [sent = folder.sent](const filesync::Entry& entry) { sent->add(entry); };
  return request;
}

// An image made of a file that was neither what it had been nor what it became is nobody's wish.
Status unstable(const std::vector<filesync::TransferNote>& notes) {
  if (notes.empty()) {
    return {};
  }
  const bool gone = notes[0].kind == filesync::TransferNote::Kind::kVanished;
  std::string message = valid_utf8(notes[0].path) + (gone ? " vanished" : " changed");
  message += " while the context was sent";
  if (notes.size() > 1) {
    message += ", and " + std::to_string(notes.size() - 1) + " more did";
  }
  return Status(Code::kFailedPrecondition, message)
      .advise("build again when nothing writes there, or leave it out with .dockerignore");
}

Status diff_copy(const SharedFolders& folders, const TransferSink& sink, Rpc& rpc) {
  const std::string name = rpc.value("dir-name");
  auto folder = folders.find(name);
  if (folder == folders.end()) {
    return {Code::kNotFound, "this build shares no folder named \"" + name + "\""};
  }
  RpcSink packets(rpc);
  RpcSource answers(rpc);
  filesync::Progress progress;
  Status status = filesync::send_tree(
      request_of(rpc, folder->second), packets, answers, [&rpc] { return rpc.cancelled(); },
      &progress);
  if (status.ok()) {
    status = unstable(progress.notes);
  }
  sink({name, progress.files, progress.bytes, status});
  return status;
}

}  // namespace

std::vector<Method> filesync_methods(const SharedFolders& folders, TransferSink sink) {
  return {{"/moby.filesync.v1.FileSync/DiffCopy",
           [&folders, sink = std::move(sink)](Rpc& rpc) { return diff_copy(folders, sink, rpc); }}};
}

}  // namespace ktl::solver
