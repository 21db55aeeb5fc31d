#include "filesync/receive_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <map>
#include <vector>

#include "base/json.h"
#include "filesync/disk.h"
#include "filesync/packet.h"

namespace ktl::filesync {
namespace {

constexpr uint64_t kMaxEntries = 10'000'000;
constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxAsked = 512;  // requests on their way: they must fit into the peer's window
constexpr uint32_t kGoFifo = 1U << 25U;
constexpr uint32_t kGoSocket = 1U << 24U;
constexpr uint32_t kGoSticky = 1U << 20U;

Status broken(const std::string& path, const char* what) {
  return {Code::kDataLoss, "the builder sent " + quoted_path(path) + ": " + what};
}

// Relative and clean: no empty part, no "." and no "..".
bool is_clean(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath || path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") {
      return false;
    }
    start = end + 1;
  }
  return true;
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

mode_t mode_of(const Stat& stat) {
  return (stat.mode & 0777U) | ((stat.mode & kGoSticky) != 0 ? S_ISVTX : 0U);
}

std::array<timespec, 2> times_of(int64_t ns) {
  timespec time{ns / 1'000'000'000, ns % 1'000'000'000};
  if (time.tv_nsec < 0) {
    time.tv_nsec += 1'000'000'000;
    --time.tv_sec;
  }
  return {time, time};
}

// One transfer. Thread rule: one thread.
class Receiver {
 public:
  Receiver(int root, PacketSink& sink, PacketSource& source)
      : root_(root), sink_(sink), source_(source) {}

  Result<Received> run() {
    while (!finished_) {
      KTL_ASSIGN(std::optional<std::string> message, source_.receive());
      if (!message) {
        return Status(Code::kDataLoss, "the builder stopped in the middle of the files");
      }
      KTL_ASSIGN(const Packet packet, parse_packet(*message));
      KTL_TRY(take(packet));
      KTL_TRY(ask());
    }
    return received_;
  }

 private:
  struct File {
    Stat stat;
    UniqueFd fd;  // open from the first byte to the last
  };

  Status take(const Packet& packet) {
    switch (packet.type) {
      case PacketType::kStat:
        return packet.stat.empty() ? list_ended() : take_stat(packet.stat);
      case PacketType::kData:
        return take_data(packet);
      case PacketType::kFin:
        finished_ = asked_done_;
        return finished_ ? Status() : broken("", "an end before the files had come");
      case PacketType::kErr:
        return {Code::kDataLoss,
                "the builder could not send the files: " + valid_utf8(packet.data.substr(0, 1024))};
      default:
        return broken("", "a request, which is not its part");
    }
  }

  Status list_ended() {
    listed_ = true;
    return say_done();
  }

  // Once all is there we say so, and the sender answers; the build may go on before its answer is
  // read, so nothing can be left to do by then.
  Status say_done() {
    if (!listed_ || !files_.empty() || asked_done_) {
      return {};
    }
    asked_done_ = true;
    KTL_TRY(finish_folders());
    return sink_.send(fin_packet());
  }

  Status take_stat(std::string_view bytes) {
    KTL_ASSIGN(const Stat stat, parse_stat(bytes));
    const uint32_t id = next_id_++;
    if (listed_ || !is_clean(stat.path) || id >= kMaxEntries) {
      return broken(stat.path, "no path that it may have");
    }
    UniqueFd parent = open_plain(root_, parent_of(stat.path).c_str(), O_RDONLY | O_DIRECTORY);
    if (!parent.valid()) {
      return disk_failure("open the folder of", stat.path, errno);
    }
    ++received_.files;
    return make(stat, parent.get(), id);
  }

  Status make(const Stat& stat, int parent, uint32_t id) {
    const std::string name = name_of(stat.path);
    int result = 0;
    if ((stat.mode & kGoFolder) != 0) {
      folders_.push_back(stat);
      result = ::mkdirat(parent, name.c_str(), 0700);
    } else if ((stat.mode & kGoSymlink) != 0) {
      result = ::symlinkat(stat.linkname.c_str(), parent, name.c_str());
      ::utimensat(parent, name.c_str(), times_of(stat.mtime_ns).data(), AT_SYMLINK_NOFOLLOW);
    } else if ((stat.mode & kGoFifo) != 0) {
      result = ::mkfifoat(parent, name.c_str(), mode_of(stat));
    } else if ((stat.mode & kGoSocket) != 0) {
      return {};
    } else if ((stat.mode & kGoTypes) != 0) {
      return Status(Code::kPermissionDenied, quoted_path(stat.path) + " is a device file")
          .advise("write the result with type=tar, or remove the device from it");
    } else if (!stat.linkname.empty()) {
      return link(stat, parent, name);
    } else {
      return expect(stat, parent, name, id);
    }
    return result == 0 ? Status() : disk_failure("make", stat.path, errno);
  }

  Status link(const Stat& stat, int parent, const std::string& name) {
    if (!is_clean(stat.linkname)) {
      return broken(stat.path, "a link out of the folder");
    }
    UniqueFd target = open_plain(root_, parent_of(stat.linkname).c_str(), O_RDONLY | O_DIRECTORY);
    if (!target.valid() ||
        ::linkat(target.get(), name_of(stat.linkname).c_str(), parent, name.c_str(), 0) != 0) {
      return disk_failure("link", stat.path, errno);
    }
    return {};
  }

  Status expect(const Stat& stat, int parent, const std::string& name, uint32_t id) {
    UniqueFd fd(
        ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      return disk_failure("make", stat.path, errno);
    }
    files_.emplace(id, File{stat, UniqueFd()});
    waiting_.push_back(id);
    return {};
  }

  Status ask() {
    while (asked_ < kMaxAsked && !waiting_.empty()) {
      KTL_TRY(sink_.send(req_packet(waiting_.front())));
      waiting_.pop_front();
      ++asked_;
    }
    return {};
  }

  Status take_data(const Packet& packet) {
    auto found = files_.find(packet.id);
    if (found == files_.end()) {
      return broken("", "content that nobody asked for");
    }
    File& file = found->second;
    if (!file.fd.valid()) {
      file.fd = open_plain(root_, file.stat.path.c_str(), O_WRONLY);
      if (!file.fd.valid()) {
        return disk_failure("open", file.stat.path, errno);
      }
    }
    if (!packet.data.empty()) {
      received_.bytes += packet.data.size();
      return write_all(file.fd.get(), packet.data);
    }
    ::fchmod(file.fd.get(), mode_of(file.stat));
    ::futimens(file.fd.get(), times_of(file.stat.mtime_ns).data());
    files_.erase(found);
    asked_ -= asked_ > 0 ? 1 : 0;
    return say_done();
  }

  // Last, since every entry made in a folder changes its time, and a read-only one takes none.
  Status finish_folders() {
    for (auto stat = folders_.rbegin(); stat != folders_.rend(); ++stat) {
      UniqueFd fd = open_plain(root_, stat->path.c_str(), O_RDONLY | O_DIRECTORY);
      if (!fd.valid() || ::fchmod(fd.get(), mode_of(*stat)) != 0) {
        return disk_failure("finish", stat->path, errno);
      }
      ::futimens(fd.get(), times_of(stat->mtime_ns).data());
    }
    return {};
  }

  const int root_;
  PacketSink& sink_;
  PacketSource& source_;
  Received received_;
  std::map<uint32_t, File> files_;  // by id: those whose content has not fully come
  std::deque<uint32_t> waiting_;    // not asked for yet
  std::vector<Stat> folders_;
  size_t asked_ = 0;
  uint32_t next_id_ = 0;
  bool listed_ = false;
  bool asked_done_ = false;
  bool finished_ = false;
};

}  // namespace

Result<Received> receive_tree(int root, PacketSink& sink, PacketSource& source) {
  return Receiver(root, sink, source).run();
}

}  // namespace ktl::filesync
