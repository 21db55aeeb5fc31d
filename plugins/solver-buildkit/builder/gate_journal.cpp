#include "builder/gate_journal.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr off_t kMaxFile = 1 << 20;
constexpr size_t kMaxText = 300;

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

}  // namespace ktl::builder
