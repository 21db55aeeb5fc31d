#include "services/filesend.h"

#include <fcntl.h>

#include <utility>

#include "control.pb.h"
#include "filesync/receive_tree.h"
#include "services/rpc_packets.h"

namespace ktl::solver {
namespace {

// The stream of a tar file: its end is the file's end.
Result<filesync::Received> receive_file(const std::filesystem::path& path, Rpc& rpc) {
  KTL_ASSIGN(const UniqueFd fd, open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  filesync::Received received{.files = 1};
  while (true) {
    KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
    if (!bytes) {
      return received;
    }
    moby::buildkit::v1::BytesMessage message;
    if (!message.ParseFromString(*bytes)) {
      return Status(Code::kDataLoss, "a piece of the builder's tar file does not parse");
    }
    KTL_TRY(write_all(fd.get(), message.data()));
    received.bytes += message.data().size();
  }
}

Result<filesync::Received> receive_folder(const std::filesystem::path& path, Rpc& rpc) {
  KTL_ASSIGN(const UniqueFd root, open_file(path, O_RDONLY | O_DIRECTORY));
  RpcSink sink(rpc);
  RpcSource source(rpc);
  return filesync::receive_tree(root.get(), sink, source);
}

Status diff_copy(const FileTargets& targets, const TransferSink& sink, Rpc& rpc) {
  const std::string id = rpc.value("buildkit-attachable-exporter-id");
  auto target = targets.find(id);
  if (target == targets.end()) {
    return {Code::kNotFound, "this build has no files for exporter \"" + id + "\""};
  }
  const FileTarget& wanted = target->second;
  Result<filesync::Received> received =
      wanted.folder ? receive_folder(wanted.path, rpc) : receive_file(wanted.path, rpc);
  Transfer transfer{"result", 0, 0, received.status()};
  if (received.ok()) {
    transfer.files = received->files;
    transfer.bytes = received->bytes;
  }
  sink(transfer);
  return received.status();
}

}  // namespace

std::vector<Method> filesend_methods(const FileTargets& targets, TransferSink sink) {
  return {{"/moby.filesync.v1.FileSend/DiffCopy",
           [&targets, sink = std::move(sink)](Rpc& rpc) { return diff_copy(targets, sink, rpc); }}};
}

}  // namespace ktl::solver
