#include "jail/machine.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "base/fd.h"
#include "jail/limits.h"

namespace ktl::jail {
namespace {

// mountinfo writes blanks, backslashes and line ends as \ooo.
std::string unescaped(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

uint64_t counted(rlim_t limit) { return limit == RLIM_INFINITY ? kUnlimited : limit; }

std::string read_mountinfo() {
  constexpr size_t kMost = 16U << 20U;
  auto file = open_file("/proc/self/mountinfo", 0);
  auto text = file.ok() ? read_all(file->get(), kMost) : Result<std::string>(file.status());
  return text.ok() ? *std::move(text) : std::string();
}

std::optional<std::string> variable(const std::string& name) {
  const char* value = ::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

std::vector<std::string> mount_points_of(const std::string& mountinfo) {
  std::vector<std::string> points;
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    if (words >> id >> parent >> device >> root >> point) {
      points.push_back(unescaped(point));
    }
  }
  return points;
}

Machine this_machine() {
  Machine machine;
  machine.uid = ::geteuid();
  machine.gid = ::getegid();
  machine.nice = ::getpriority(PRIO_PROCESS, 0);
  for (const auto& limit : all_limits()) {
    struct rlimit now{};
    if (::getrlimit(static_cast<__rlimit_resource>(limit.resource), &now) == 0) {
      machine.soft_limits[std::string(limit.name)] = counted(now.rlim_cur);
      machine.hard_limits[std::string(limit.name)] = counted(now.rlim_max);
    }
  }
  machine.mount_points = mount_points_of(read_mountinfo());
  machine.variable = variable;
  return machine;
}

}  // namespace ktl::jail
