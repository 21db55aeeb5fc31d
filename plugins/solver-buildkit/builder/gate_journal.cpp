#include "builder/gate_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/clock.h"
#include "base/json.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr off_t kMaxFile = 1 << 20;
constexpr size_t kMaxText = 300;
constexpr int64_t kMaxRead = 256 << 10;
constexpr size_t kMaxTold = 8;

// The sentence about one line; empty: nothing of the daemon's was refused.
std::string refusal_in(const std::string& line) {
  const auto entry = parse_json(line);
  const std::string host(entry.ok() ? text_of(*entry, "host") : "");
  if (host.empty() || bool_of(*entry, "allowed", true)) {
    return "";
  }
  return fmt::format("the builder's gate refused {}:{}: {}", host, int_of(*entry, "port"),
                     text_of(*entry, "reason"));
}

}  // namespace

void GateJournal::add(const GateEntry& entry) {
  const std::string line =
      json::serialize(json::object{{"schema", "ktl.gate/1"},
                                   {"time", rfc3339(system_clock().unix_ns())},
                                   {"host", valid_utf8(entry.target.host.substr(0, kMaxText))},
                                   {"port", entry.target.port},
                                   {"method", valid_utf8(entry.method.substr(0, 20))},
                                   {"allowed", entry.allowed},
                                   {"reason", valid_utf8(entry.reason.substr(0, kMaxText))},
                                   {"sent", entry.sent},
                                   {"received", entry.received}}) +
      "\n";
  const std::scoped_lock hold(mutex_);
  auto fd = open_own(file_, O_WRONLY | O_APPEND);
  struct stat info{};
  if (fd.ok() && ::fstat(fd->get(), &info) == 0 && info.st_size > kMaxFile) {
    std::error_code error;
    std::filesystem::rename(file_, file_.string() + ".1", error);
    fd = open_own(file_, O_WRONLY | O_APPEND);
  }
  if (fd.ok()) {
    static_cast<void>(write_all(fd->get(), line));
  }
}

int64_t journal_size(const std::filesystem::path& file) {
  struct stat info{};
  return ::lstat(file.c_str(), &info) == 0 ? info.st_size : 0;
}

std::vector<std::string> refused_since(const std::filesystem::path& file, int64_t size) {
  const int64_t now = journal_size(file);
  std::vector<std::string> told;
  auto fd = now == 0 ? Result<UniqueFd>(Status(Code::kNotFound, "")) : open_own(file, O_RDONLY);
  if (!fd.ok()) {
    return told;
  }
  const int64_t from = std::max(size > now ? 0 : size, now - kMaxRead);  // shorter: a new one
  ::lseek(fd->get(), from, SEEK_SET);
  auto text = read_all(fd->get(), static_cast<size_t>(kMaxRead) + kMaxFile);
  std::istringstream lines(text.ok() ? *text : "");
  for (std::string line; told.size() < kMaxTold && std::getline(lines, line);) {
    const std::string sentence = refusal_in(line);
    if (!sentence.empty() && std::ranges::find(told, sentence) == told.end()) {
      told.push_back(sentence);
    }
  }
  return told;
}

}  // namespace ktl::builder
