#include "ledger/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::ledger {
namespace {

constexpr int64_t kPatienceNs = 5'000'000'000;
constexpr useconds_t kPauseUs = 10'000;

// Held until the descriptor is closed, also by a crash.
Result<UniqueFd> lock(const std::filesystem::path& file) {
  KTL_ASSIGN(UniqueFd fd, open_file(file, O_RDWR | O_CREAT | O_NOFOLLOW));
  const int64_t end = system_clock().monotonic_ns() + kPatienceNs;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return errno_status("lock " + file.string(), errno);
    }
    if (system_clock().monotonic_ns() > end) {
      return Status(Code::kUnavailable, "another ktl holds the ledger").at(file);
    }
    ::usleep(kPauseUs);
  }
  return fd;
}

// Cuts away a line that a crash left without its end.
Status repair(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return errno_status("look at the ledger", errno);
  }
  off_t end = info.st_size;
  char last = '\n';
  while (end > 0 && ::pread(fd, &last, 1, end - 1) == 1 && last != '\n') {
    --end;
  }
  return end == info.st_size || ::ftruncate(fd, end) == 0
             ? Status()
             : errno_status("cut the ledger's last line", errno);
}

}  // namespace

Result<Ledger> Ledger::open(const std::filesystem::path& folder, std::string_view daemon,
                            Limits limits) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return errno_status("make the ledger's folder", error.value()).at(folder);
  }
  ::chmod(folder.c_str(), 0700);
  Ledger ledger(folder / (sha256_hex(daemon).substr(0, 32) + ".jsonl"), limits);
  KTL_TRY(ledger.read());
  return ledger;
}

void Ledger::take(Entry entry) {
  Entry& slot = entries_[{entry.step, entry.fence}];
  if (entry.time_ns >= slot.time_ns) {
    slot = std::move(entry);
  }
}

// "" when there is none.
Result<std::string> Ledger::text() const {
  // A writer shortens it beyond the limit; twice that is not a ledger of ours.
  auto text = read_file(file_, 2 * limits_.bytes + kMostLine);
  if (text.ok() || text.status().code() == Code::kNotFound) {
    return text.ok() ? *std::move(text) : "";
  }
  return std::move(text).status().at(file_).advise("remove it: nothing but time is lost");
}

Status Ledger::read() {
  KTL_ASSIGN(std::string lines, text());
  if (!lines.empty() && lines.back() != '\n') {
    KTL_ASSIGN(const UniqueFd held, lock(file_.string() + ".lock"));
    KTL_ASSIGN(lines, text());
  }
  take_lines(lines);
  return {};
}

void Ledger::take_lines(std::string_view rest) {
  for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    auto entry = entry_from_line(rest.substr(0, end));
    damaged_ = damaged_ || !entry.ok();
    if (entry.ok()) {
      take(*std::move(entry));
    }
    rest.remove_prefix(end + 1);
  }
  damaged_ = damaged_ || !rest.empty();
}

const Entry* Ledger::find(std::string_view step, std::string_view fence) const {
  auto found = entries_.find({std::string(step), std::string(fence)});
  return found == entries_.end() ? nullptr : &found->second;
}

Status Ledger::append(const std::string& lines) const {
  KTL_ASSIGN(UniqueFd fd, open_file(file_, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW));
  KTL_TRY(repair(fd.get()));
  return write_all(fd.get(), lines);
}

Status Ledger::shorten() {
  struct stat info{};
  if (::stat(file_.c_str(), &info) != 0 || static_cast<size_t>(info.st_size) <= limits_.bytes) {
    return {};
  }
  return rewrite(limits_.bytes / 2);
}

// Writes the newest entries that fill at most `bytes`. Others may have added some meanwhile, so it
// is read again first.
Status Ledger::rewrite(size_t bytes) {
  KTL_ASSIGN(const std::string now, text());
  take_lines(now);
  std::vector<const Entry*> newest;
  for (const auto& [key, entry] : entries_) {
    newest.push_back(&entry);
  }
  std::ranges::sort(newest, std::greater<>(), &Entry::time_ns);
  std::string lines;
  for (const Entry* entry : newest) {
    std::string line = to_line(*entry) + "\n";
    if (lines.size() + line.size() > bytes) {
      break;
    }
    lines += line;
  }
  KTL_TRY(write_file_atomic(file_, lines, 0600));
  entries_.clear();
  damaged_ = false;
  take_lines(lines);
  return {};
}

Status Ledger::add(std::span<const Entry> entries) {
  std::string lines;
  for (const Entry& entry : entries) {
    std::string line = to_line(entry);
    KTL_TRY(entry_from_line(line).status());
    lines += line + "\n";
  }
  KTL_ASSIGN(const UniqueFd held, lock(file_.string() + ".lock"));
  if (damaged_) {
    KTL_TRY(rewrite(limits_.bytes));
  }
  KTL_TRY(append(lines));
  std::ranges::for_each(entries, [this](const Entry& entry) { take(entry); });
  return shorten();
}

}  // namespace ktl::ledger
