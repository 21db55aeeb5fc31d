#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "base/fd.h"
#include "pool.h"

namespace ktl::solver {
namespace {

namespace fs = std::filesystem;

// Everything in `from` goes to `into`, which is on the same disk.
Status move_all(const fs::path& from, const fs::path& into) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    const fs::path target = into / entry.path().filename();
    if (::renameat2(AT_FDCWD, entry.path().c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) ==
        0) {
      continue;
    }
    if (errno != EEXIST) {
      return errno_status("move " + target.string(), errno);
    }
    return Status(Code::kFailedPrecondition, "two builders of the pool made a file called " +
                                                 valid_utf8(target.filename().string()))
        .advise("leave platform-split=false out: each platform then has a folder of its own");
  }
  return error ? errno_status("read " + from.string(), error.value()) : Status();
}

// An archive ends in two blocks of zeros (POSIX pax), which is all that BuildKit writes there.
Status cut_end(int fd, const std::string& name, off_t& size) {
  constexpr size_t kEnd = 1024;
  std::array<char, kEnd> end{};
  size = ::lseek(fd, 0, SEEK_END) - static_cast<off_t>(kEnd);
  const bool whole = size >= 0 && size % 512 == 0 &&
                     ::pread(fd, end.data(), kEnd, size) == static_cast<ssize_t>(kEnd) &&
                     std::ranges::all_of(end, [](char c) { return c == 0; });
  return whole
             ? Status()
             : Status(Code::kDataLoss, "the tar file of a builder of the pool has no end: " + name);
}

// The entries of `from` behind those of `into`: each platform has a folder of its own.
Status join_tars(const std::string& from, const std::string& into) {
  KTL_ASSIGN(const UniqueFd source, open_file(from, O_RDONLY));
  KTL_ASSIGN(const UniqueFd target, open_file(into, O_RDWR));
  off_t size = 0;
  KTL_TRY(cut_end(target.get(), into, size));
  off_t ignored = 0;
  KTL_TRY(cut_end(source.get(), from, ignored));
  ::lseek(target.get(), size, SEEK_SET);
  ::lseek(source.get(), 0, SEEK_SET);
  std::vector<char> piece(1U << 20U);
  while (true) {
    const ssize_t n = ::read(source.get(), piece.data(), piece.size());
    if (n <= 0) {
      return n == 0 ? Status() : errno_status("read " + from, errno);
    }
    KTL_TRY(write_all(target.get(), {piece.data(), static_cast<size_t>(n)}));
  }
}

}  // namespace

Status merge_files(const json::array& into, const json::array& from) {
  for (size_t i = 0; i < std::min(into.size(), from.size()); ++i) {
    const std::string source(text_of(from[i], "path"));
    const std::string target(text_of(into[i], "path"));
    KTL_TRY(text_of(into[i], "kind") == "tar" ? join_tars(source, target)
                                              : move_all(source, target));
  }
  return {};
}

}  // namespace ktl::solver
