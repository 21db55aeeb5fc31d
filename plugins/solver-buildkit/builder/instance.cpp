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

std::string boot_id() {
  auto id = read_file("/proc/sys/kernel/random/boot_id", kMaxFile);
  return id.ok() ? id->substr(0, id->find('\n')) : "";
}

Result<Instance> read_instance(const std::filesystem::path& file) {
  KTL_ASSIGN(std::string text, read_file(file, kMaxFile));
  auto parsed = parse_json(text, kMaxFile);
  if (!parsed.ok()) {
    return Status(Code::kDataLoss, parsed.status().message()).at(file.string());
  }
  auto text_at = [&](std::string_view key) { return std::string(text_of(*parsed, key)); };
  Instance instance{process_of(*parsed, "supervisor"),
                    process_of(*parsed, "daemon"),
                    text_at("boot"),
                    text_at("config"),
                    text_at("socket"),
                    text_at("state"),
                    text_at("started")};
  if (instance.supervisor.pid <= 0 || instance.daemon.pid <= 0 || instance.socket.empty()) {
    return Status(Code::kDataLoss, "names no process").at(file.string());
  }
  return instance;
}

Status write_instance(const std::filesystem::path& file, const Instance& instance) {
  json::object document{{"schema", "ktl.builder-instance/1"},
                        {"supervisor", to_json(instance.supervisor)},
                        {"daemon", to_json(instance.daemon)},
                        {"boot", instance.boot},
                        {"config", instance.config},
                        {"socket", instance.socket},
                        {"state", instance.state},
                        {"started", instance.started}};
  return write_file_atomic(file, pretty_json(document), 0600);
}

bool is_alive(const Instance& instance) {
  return instance.boot == boot_id() && identify(instance.supervisor.pid) == instance.supervisor &&
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

std::optional<Instance> running_instance(const Home& home) {
  auto instance = read_instance(home.instance());
  bool runs = instance.ok() && instance->socket == home.socket.string() && is_alive(*instance) &&
              answers(instance->socket);
  return runs ? std::optional<Instance>(*std::move(instance)) : std::nullopt;
}

}  // namespace ktl::builder
