#include "filesync/tree_sender.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "filesync/follow_links.h"

namespace ktl::filesync {
namespace {

// The include patterns together with what the followed paths lead to, as fsutil's NewFilterFS has
// it: a path that leads to the root adds nothing.
Result<std::vector<std::string>> all_includes(const TreeRequest& request) {
  std::vector<std::string> includes = request.include_patterns;
  if (request.follow_paths.empty()) {
    return includes;
  }
  KTL_ASSIGN(const auto targets, follow_links(request.root, request.follow_paths));
  if (!targets.has_value()) {
    return includes;
  }
  includes.insert(includes.end(), targets->begin(), targets->end());
  return without_nested(includes).value_or(std::vector<std::string>());
}

bool is_same(const struct stat& info, const FileTable::File& known) {
  const int64_t mtime =
      static_cast<int64_t>(static_cast<uint64_t>(info.st_mtim.tv_sec) * 1000000000U +
                           static_cast<uint64_t>(info.st_mtim.tv_nsec));
  return info.st_size == known.size && mtime == known.mtime_ns;
}

// A regular file, or nothing when that is not what is there.
UniqueFd open_regular(int root, const std::string& path) {
  UniqueFd fd = open_plain(root, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat info{};
  if (fd.valid() && (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))) {
    errno = ENOENT;
    return {};
  }
  return fd;
}

}  // namespace

Result<TreeSender> TreeSender::make(const TreeRequest& request, Progress& progress) {
  KTL_ASSIGN(const std::vector<std::string> includes, all_includes(request));
  KTL_ASSIGN(Filter filter,
             Filter::make(includes, request.exclude_patterns, request.excluded_paths));
  return TreeSender(request, std::move(filter), progress);
}

Result<TreeSender::State> TreeSender::produce(PacketBatch& batch) {
  while (!batch.full()) {
    if (open_.has_value()) {
      KTL_TRY(send_chunk(batch));
    } else if (!asked_.empty()) {
      KTL_TRY(open_next(batch));
    } else if (!walked_) {
      KTL_TRY(walk_on(batch));
    } else if (finished_) {
      batch.add(fin_packet());
      return State::kDone;
    } else {
      return State::kIdle;
    }
  }
  return State::kMore;
}

Status TreeSender::walk_on(PacketBatch& batch) {
  KTL_ASSIGN(const bool found, walk_.next(entry_));
  if (!found) {
    walked_ = true;
    batch.add("");
    return {};
  }
  if (listed_) {
    listed_(entry_);
  }
  KTL_TRY(files_.add(entry_.stat));
  batch.add_stat(entry_.stat);
  ++progress_->entries;
  return {};
}

Status TreeSender::open_next(PacketBatch& batch) {
  const uint32_t id = asked_.front();
  asked_.pop_front();
  KTL_ASSIGN(FileTable::File file, files_.take(id));
  UniqueFd fd = open_regular(root_, file.path);
  if (fd.valid()) {
    open_ = OpenFile{id, std::move(file), std::move(fd)};
    return {};
  }
  // ENXIO: a socket, which looks like a file to the receiver.
  if (!vanished(errno) && errno != ENXIO) {
    return disk_failure("read", file.path, errno);
  }
  if (errno != ENXIO) {
    note(TransferNote::Kind::kVanished, file.path);
  }
  batch.add(data_header(id, 0));
  return {};
}

Status TreeSender::send_chunk(PacketBatch& batch) {
  OpenFile& file = *open_;
  const std::span<char> room = batch.data_room();
  ssize_t size = -1;
  do {
    size = ::read(file.fd.get(), room.data(), room.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    return disk_failure("read", file.known.path, errno);
  }
  if (size > 0) {
    batch.add_data(file.id, static_cast<size_t>(size));
    file.sent += size;
    progress_->bytes += static_cast<uint64_t>(size);
    return {};
  }
  batch.add(data_header(file.id, 0));
  struct stat info{};
  if (::fstat(file.fd.get(), &info) != 0 || !is_same(info, file.known) ||
      file.sent != file.known.size) {
    note(TransferNote::Kind::kChanged, file.known.path);
  }
  ++progress_->files;
  open_.reset();
  return {};
}

void TreeSender::note(TransferNote::Kind kind, std::string_view path) {
  if (progress_->notes.size() < Progress::kMaxNotes) {
    progress_->notes.push_back({kind, std::string(path)});
  }
}

}  // namespace ktl::filesync
