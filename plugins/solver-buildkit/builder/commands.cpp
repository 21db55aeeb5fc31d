#include "builder/commands.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>

#include "base/clock.h"
#include "base/json.h"
#include "builder/daemon.h"
#include "builder/instance.h"
#include "builder/lock.h"
#include "builder/supervisor.h"

namespace ktl::builder {
namespace {

constexpr int64_t kStopMs = 60'000;
constexpr int64_t kMaxIdleSeconds = 7 * 24 * 3600;
const char* const kUsage = "ktl builder inspect | stop";

Status usage(const std::string& message) {
  return Status(Code::kInvalidArgument, message).advise(kUsage);
}

Result<int64_t> idle_seconds(const std::vector<std::string>& words, int64_t fallback) {
  if (words.size() == 1) {
    return fallback;
  }
  int64_t seconds = 0;
  const std::string& text = words.back();
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (words.size() != 3 || words[1] != "--idle" || parsed.ec != std::errc() ||
      parsed.ptr != text.data() + text.size() || seconds < 1 || seconds > kMaxIdleSeconds) {
    return usage("ktl builder supervise takes --idle SECONDS, 1 to 604800");
  }
  return seconds;
}

json::object describe(const Home& home) {
  auto instance = read_instance(home.instance());
  bool running = instance.ok() && is_alive(*instance) && answers(instance->socket);
  json::object document{{"schema", "ktl.builder-state/1"},
                        {"name", home.state.filename().string()},
                        {"running", running},
                        {"address", "unix://" + home.socket.string()},
                        {"state", home.state.string()},
                        {"log", home.log().string()},
                        {"steps_fenced", false}};
  if (running) {
    document["pid"] = instance->daemon.pid;
    document["supervisor"] = instance->supervisor.pid;
  }
  return document;
}

// Waits for the builds that use it, then ends the supervisor, which ends the daemon.
Result<std::string> stop(const Home& home, const std::function<bool()>& cancelled) {
  auto instance = read_instance(home.instance());
  if (!instance.ok() || !is_alive(*instance)) {
    return std::string("the private builder is not running\n");
  }
  KTL_ASSIGN(UniqueFd alone,
             lock_file(home.clients_lock(), LockMode::kExclusive, kStopMs, cancelled));
  ::kill(instance->supervisor.pid, SIGTERM);
  int64_t deadline = system_clock().monotonic_ns() + kStopMs * 1'000'000;
  while (is_alive(*instance) || identify(instance->daemon.pid) == instance->daemon) {
    if (system_clock().monotonic_ns() >= deadline) {
      return Status(Code::kDeadlineExceeded, "the private builder did not stop");
    }
    ::usleep(20'000);
  }
  return std::string("stopped\n");
}

}  // namespace

Result<std::string> run_builder_command(const std::vector<std::string>& words,
                                        const BuilderRequest& request,
                                        const std::function<bool()>& cancelled) {
  if (words.empty()) {
    return usage("ktl builder needs a command");
  }
  KTL_ASSIGN(Programs programs, find_programs(request.ktl, request.getenv, request.root));
  KTL_ASSIGN(Home home, home_for(programs, request.state, request.runtime));
  if (words[0] == "supervise") {
    KTL_ASSIGN(int64_t idle, idle_seconds(words, request.idle_seconds));
    KTL_TRY(supervise(programs, home, idle * 1000, request.getenv, cancelled));
    return std::string();
  }
  if (words.size() == 1 && words[0] == "inspect") {
    return pretty_json(describe(home));
  }
  if (words.size() == 1 && words[0] == "stop") {
    return stop(home, cancelled);
  }
  return usage("unknown words after ktl builder: " + words[0]);
}

}  // namespace ktl::builder
