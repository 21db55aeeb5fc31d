#include "builder/instance.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <sstream>

#include "base/fd.h"
#include "base/json.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 64U << 10U;

json::object to_json(const ProcessId& process) {
  return {{"pid", process.pid}, {"start_time", process.start_time}};
}

ProcessId process_of(const json::value& document, std::string_view key) {
  const auto* field = field_of(document, key);
  if (field == nullptr) {
    return {};
  }
  return {static_cast<pid_t>(int_of(*field, "pid")),
          static_cast<uint64_t>(int_of(*field, "start_time"))};
}

}  // namespace

std::optional<ProcessId> identify(pid_t pid) {
  auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", kMaxFile);
  // The second field, the program's name in parentheses, may hold spaces and parentheses itself.
  size_t name_end = stat.ok() ? stat->rfind(')') : std::string::npos;
  if (pid <= 0 || name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream fields(stat->substr(name_end + 1));
  std::string state;
  std::string skipped;
  fields >> state;
  for (int field = 4; field < 22; ++field) {
    fields >> skipped;
  }
  ProcessId process{pid, 0};
  if (!(fields >> process.start_time) || state == "Z" || state == "X") {
    return std::nullopt;
  }
  return process;
}

Result<Instance> read_instance(const std::filesystem::path& file) {
  KTL_ASSIGN(std::string text, read_file(file, kMaxFile));
  auto parsed = parse_json(text, kMaxFile);
  if (!parsed.ok()) {
    return Status(Code::kDataLoss, parsed.status().message()).at(file.string());
  }
  Instance instance{process_of(*parsed, "supervisor"), process_of(*parsed, "daemon"),
                    std::string(text_of(*parsed, "config")),
                    std::string(text_of(*parsed, "socket"))};
  if (instance.supervisor.pid <= 0 || instance.daemon.pid <= 0 || instance.socket.empty()) {
    return Status(Code::kDataLoss, "names no process").at(file.string());
  }
  return instance;
}

Status write_instance(const std::filesystem::path& file, const Instance& instance) {
  json::object document{{"schema", "ktl.builder-instance/1"},
                        {"supervisor", to_json(instance.supervisor)},
                        {"daemon", to_json(instance.daemon)},
                        {"config", instance.config},
                        {"socket", instance.socket}};
  return write_file_atomic(file, pretty_json(document), 0600);
}

bool is_alive(const Instance& instance) {
  return identify(instance.supervisor.pid) == instance.supervisor &&
         identify(instance.daemon.pid) == instance.daemon;
}

bool answers(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path)) {
    return false;
  }
  std::memcpy(address.sun_path, socket.data(), socket.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd.valid() &&
         ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace ktl::builder
