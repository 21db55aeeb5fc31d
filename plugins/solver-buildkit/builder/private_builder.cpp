// The client's side of the private builder: use the running one, or start it once for everybody.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "builder/builder.h"
#include "builder/daemon.h"
#include "builder/instance.h"
#include "builder/lock.h"
#include "builder/supervisor.h"

namespace ktl::builder {
namespace {

constexpr int64_t kStartMs = 40'000;
constexpr int64_t kStopMs = 60'000;  // a stopping supervisor holds the clients' lock that long

const char* const kPrivateNote =
    "RUN steps are not fenced: the private builder's steps share this machine's network and kernel";

std::string external_note(const std::string& address) {
  return "RUN steps are not fenced: builder " + address +
         " is outside ktl's control, and who may use it may be root-equivalent there";
}

bool running(const Home& home) {
  auto instance = read_instance(home.instance());
  return instance.ok() && is_alive(*instance) && answers(instance->socket);
}

Builder private_at(const Home& home, UniqueFd lock) {
  return {home.socket.string(), "private", kPrivateNote, false, std::move(lock)};
}

Result<Child> start_supervisor(const BuilderRequest& request, const Home& home) {
  KTL_ASSIGN(UniqueFd log, open_file(home.log(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600));
  Command command;
  command.argv = {request.ktl.string(), "builder", "supervise", "--idle",
                  std::to_string(request.idle_seconds)};
  return spawn(command, log.get(), true);
}

Status not_started(const Home& home, const std::string& why) {
  return Status(Code::kUnavailable, "the private builder did not start: " + why)
      .advise("its log ends with:\n" + log_tail(home.log()));
}

Status wait_until_running(Child& supervisor, const Home& home,
                          const std::function<bool()>& cancelled) {
  int64_t deadline = system_clock().monotonic_ns() + kStartMs * 1'000'000;
  while (!running(home)) {
    auto ended = supervisor.wait(20);
    if (ended.ok()) {
      return not_started(home, "its supervisor ended with exit code " + std::to_string(*ended));
    }
    if (cancelled()) {
      return {Code::kCancelled, "cancelled while the private builder was starting"};
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return not_started(home, "no answer in " + std::to_string(kStartMs / 1000) + " s");
    }
  }
  return {};
}

Status start_once(const BuilderRequest& request, const Home& home,
                  const std::function<bool()>& cancelled) {
  auto start = lock_file(home.start_lock(), LockMode::kExclusive, kStartMs, cancelled);
  if (!start.ok() || running(home)) {
    return std::move(start).status();
  }
  KTL_ASSIGN(Child supervisor, start_supervisor(request, home));
  KTL_TRY(wait_until_running(supervisor, home, cancelled));
  supervisor.release();  // it outlives this build and stops when nobody needs it
  return {};
}

Result<Builder> private_builder(const BuilderRequest& request,
                                const std::function<bool()>& cancelled) {
  KTL_ASSIGN(Programs programs, find_programs(request.ktl, request.getenv, request.root));
  KTL_ASSIGN(Home home, home_for(programs, request.state, request.runtime));
  std::error_code error;
  std::filesystem::create_directories(home.state, error);
  if (error || ::chmod(home.state.c_str(), 0700) != 0) {
    return errno_status("prepare " + home.state.string(), error ? error.value() : errno);
  }
  KTL_ASSIGN(UniqueFd clients,
             lock_file(home.clients_lock(), LockMode::kShared, kStopMs, cancelled));
  if (running(home)) {
    return private_at(home, std::move(clients));
  }
  if (!request.start) {
    return Status(Code::kUnavailable, "the private builder is not running");
  }
  KTL_TRY(start_once(request, home, cancelled));
  return private_at(home, std::move(clients));
}

}  // namespace

Result<Builder> resolve_builder(const BuilderRequest& request,
                                const std::function<bool()>& cancelled) {
  KTL_ASSIGN(Address address, parse_address(request.address, request.getenv));
  if (address.kind == Address::Kind::kPrivate) {
    return private_builder(request, cancelled);
  }
  return Builder{"", "external", external_note(address.text), false, UniqueFd()};
}

}  // namespace ktl::builder
