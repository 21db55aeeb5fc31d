#include "secrets/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/fd.h"

namespace ktl::secrets {
namespace {

constexpr size_t kChunk = 256U << 10U;
constexpr size_t kMostGaps = 1000;

class Walk {
 public:
  Walk(const Rules& rules, const TreeScan& how)
      : rules_(rules),
        how_(how),
        scanner_(rules, [this](const Match& match) { how_.found(path_, match); }),
        chunk_(kChunk, '\0') {}

  void folder(UniqueFd fd, const std::string& path, int depth);
  void file(int fd, const std::string& path);
  TreeResult take();

 private:
  void entry(int folder, const std::string& name, const std::string& path, int depth);
  void gap(const std::string& path, const std::string& why);
  void by_path(const std::string& path);
  bool stopped() const { return how_.cancelled && how_.cancelled(); }

  const Rules& rules_;
  const TreeScan& how_;
  std::string path_;
  Scanner scanner_;
  std::string chunk_;
  TreeResult result_;
  uint64_t gaps_ = 0;
};

void Walk::gap(const std::string& path, const std::string& why) {
  if (++gaps_ < kMostGaps) {
    result_.not_scanned.push_back((path.empty() ? "." : path) + ": " + why);
  }
}

TreeResult Walk::take() {
  if (gaps_ >= kMostGaps) {
    result_.not_scanned.push_back(std::to_string(gaps_ - kMostGaps + 1) + " more");
  }
  return std::move(result_);
}

void Walk::by_path(const std::string& path) {
  for (const Rule* rule : rules_.match_path(path)) {
    Match match;
    match.rule = rule;
    match.line = match.column = 0;
    match.hash = rules_.keyed_hash(*rule, path);
    how_.found(path, match);
  }
}

void Walk::file(int fd, const std::string& path) {
  path_ = path;
  ++result_.files;
  if (!path.empty()) {
    by_path(path);
  }
  scanner_.begin(path);
  for (;;) {
    const ssize_t got = read(fd, chunk_.data(), chunk_.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      gap(path, std::strerror(errno));
    }
    if (got <= 0 || stopped()) {
      break;
    }
    result_.bytes += static_cast<uint64_t>(got);
    scanner_.feed({chunk_.data(), static_cast<size_t>(got)});
  }
  scanner_.finish();
  result_.allowed += scanner_.allowed();
  for (const std::string& why : scanner_.what_was_not_scanned()) {
    gap(path, why);
  }
}

void Walk::entry(int folder, const std::string& name, const std::string& path, int depth) {
  struct stat about{};
  if (fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    return gap(path, std::strerror(errno));
  }
  if (S_ISLNK(about.st_mode)) {
    return;
  }
  if (!S_ISDIR(about.st_mode) && !S_ISREG(about.st_mode)) {
    return gap(path, "it is neither a file nor a folder");
  }
  if (S_ISREG(about.st_mode) && result_.files >= how_.most_files) {
    return gap(path, "there are too many files");
  }
  UniqueFd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid() || fstat(fd.get(), &about) != 0) {
    return gap(path, std::strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) {
    return this->folder(std::move(fd), path, depth + 1);
  }
  if (!S_ISREG(about.st_mode)) {
    return gap(path, "it became something else while it was read");
  }
  file(fd.get(), path);
}

void Walk::folder(UniqueFd fd, const std::string& path, int depth) {
  if (depth > how_.most_depth) {
    return gap(path, "folders are nested too deeply");
  }
  const int raw = fd.release();
  const std::unique_ptr<DIR, int (*)(DIR*)> open(fdopendir(raw), closedir);
  if (open == nullptr) {
    close(raw);
    return gap(path, std::strerror(errno));
  }
  while (!stopped()) {
    errno = 0;
    const dirent* each = readdir(open.get());
    if (each == nullptr) {
      if (errno != 0) {
        gap(path, std::strerror(errno));
      }
      return;
    }
    const std::string name(each->d_name);
    if (name != "." && name != "..") {
      entry(raw, name, path.empty() ? name : path + "/" + name, depth);
    }
  }
}

}  // namespace

Result<TreeResult> scan_tree(const Rules& rules, const std::filesystem::path& root,
                             const TreeScan& how) {
  KTL_ASSIGN(UniqueFd fd, open_file(root, O_RDONLY | O_NONBLOCK));
  struct stat about{};
  if (fstat(fd.get(), &about) != 0) {
    return errno_status("stat " + root.string(), errno);
  }
  Walk walk(rules, how);
  if (S_ISDIR(about.st_mode)) {
    walk.folder(std::move(fd), "", 0);
  } else if (S_ISREG(about.st_mode)) {
    walk.file(fd.get(), root.filename().string());
  } else {
    return Status(Code::kInvalidArgument, root.string() + " is neither a file nor a folder");
  }
  return walk.take();
}

Result<TreeResult> scan_fd(const Rules& rules, int fd, const TreeScan& how) {
  Walk walk(rules, how);
  walk.file(fd, "");
  return walk.take();
}

}  // namespace ktl::secrets
