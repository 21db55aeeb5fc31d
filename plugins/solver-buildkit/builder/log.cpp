#include "builder/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/json.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr off_t kMaxLog = 8 << 20;
constexpr off_t kTailBytes = 8 << 10;
constexpr int kTailLines = 20;

}  // namespace

Result<UniqueFd> open_log(const Home& home) { return open_own(home.log(), O_WRONLY | O_APPEND); }

void bound_log(const Home& home, const UniqueFd& log) {
  struct stat info{};
  if (::fstat(log.get(), &info) != 0 || info.st_size <= kMaxLog) {
    return;
  }
  auto text = read_file(home.log(), 4 * static_cast<size_t>(kMaxLog));
  if (text.ok()) {
    static_cast<void>(write_file_atomic(home.older_log(), *text, 0600));
  }
  // Without room for the older part it is dropped: the log must not fill the disk.
  static_cast<void>(::ftruncate(log.get(), 0));
}

std::string log_tail(const std::filesystem::path& log) {
  auto fd = open_file(log, O_RDONLY | O_NOFOLLOW);
  if (!fd.ok()) {
    return "    (no log)";
  }
  off_t size = ::lseek(fd->get(), 0, SEEK_END);
  ::lseek(fd->get(), std::max<off_t>(0, size - kTailBytes), SEEK_SET);
  auto text = read_all(fd->get(), 2 * kTailBytes);
  std::string tail = text.ok() ? valid_utf8(*text) : "";
  while (tail.ends_with('\n')) {
    tail.pop_back();
  }
  size_t start = tail.size();
  for (int line = 0; line < kTailLines && start != std::string::npos && start > 0; ++line) {
    start = tail.rfind('\n', start - 1);
  }
  tail.erase(0, start == std::string::npos ? 0 : start + 1);
  for (size_t at = 0; at != std::string::npos; at = tail.find('\n', at)) {
    at = at == 0 ? 0 : at + 1;
    tail.insert(at, "    ");
    at += 4;
  }
  return tail;
}

}  // namespace ktl::builder
