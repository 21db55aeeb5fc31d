// The client's side of the private builder: use the running one, or start it once for everybody.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/process.h"
#include "builder/builder.h"
#include "builder/instance.h"
#include "builder/lock.h"
#include "builder/log.h"
#include "builder/order.h"
#include "builder/outside.h"
#include "builder/ready.h"
#include "builder/stop.h"

namespace ktl::builder {
namespace {

// Somebody else's builds may have to end first; what waits longer than this is a mistake.
constexpr int64_t kPatienceMs = 29 * 60'000;
constexpr int kMaxTurns = 100;
constexpr int kMaxDeaths = 5;

Result<Child> start_supervisor(const BuilderRequest& request, const Site& site,
                               const UniqueFd& ready, const UniqueFd& start) {
  KTL_ASSIGN(UniqueFd log, open_log(site.home));
  Command command;
  command.argv = {request.ktl.string(),
                  "builder",
                  "supervise",
                  "--order",
                  site.home.order().string(),
                  "--ready-fd",
                  std::to_string(ready.get()),
                  "--start-lock-fd",
                  std::to_string(start.get())};
  command.env = builder_environment(request.getenv);
  for (const char* name :
       {"XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"}) {
    command.env.push_back(std::string(name) + "=" + request.getenv(name));
  }
  command.inherit = {ready.get(), start.get()};
  command.directory = "/";  // no folder stays busy, and no project file is in sight
  return spawn(command, log.get(), true);
}

// A start that takes long most likely waits for builds on a daemon whose supervisor was killed.
std::function<void()> waiting_notice(const Home& home, const Caller& caller) {
  return [&home, &caller, told = false]() mutable {
    std::vector<pid_t> users = lock_holders(home.clients_lock());
    if (!told && !users.empty()) {
      told = true;
      caller.say(fmt::format("waiting for the private builder; in use by process {}",
                             fmt::join(users, ", ")));
    }
  };
}

Status not_started(const Home& home, const Status& why) {
  if (why.code() == Code::kCancelled) {
    return why;
  }
  bool telling = why.code() == Code::kFailedPrecondition || why.code() == Code::kAborted;
  Code code = telling ? why.code() : Code::kUnavailable;
  std::string next =
      why.next().empty() ? "its log ends with:\n" + log_tail(home.log()) : why.next();
  return Status(code, "the private builder did not start: " + why.message())
      .at(why.where())
      .advise(next);
}

// Of all who want to start it, one does; the start lock goes along to the supervisor, which keeps
// it until the builder runs, whatever happens to us.
Status start_once(const BuilderRequest& request, const Site& site, const Caller& caller) {
  KTL_ASSIGN(UniqueFd start,
             lock_file(site.home.start_lock(), LockMode::kExclusive, kPatienceMs, caller));
  if (running_instance(site.home)) {
    return {};
  }
  KTL_TRY(write_order(site));
  KTL_ASSIGN(ReadyPipe pipe, make_ready_pipe());
  auto supervisor = start_supervisor(request, site, pipe.write, start);
  KTL_TRY(supervisor.status());
  supervisor->release();  // it outlives this build and stops when nobody needs it
  pipe.write.reset();
  start.reset();
  Status ready = await_ready(pipe.read, kPatienceMs, caller, waiting_notice(site.home, caller));
  return ready.ok() ? ready : not_started(site.home, ready);
}

// A running builder knows the registries on this machine that former builds needed.
Status open_ports(const BuilderRequest& request, const Site& site) {
  const std::vector<uint16_t> ports = loopback_ports_of(site.settings, request.getenv);
  auto network = parse_network(site.settings.network);
  const bool gated = network.ok() && (network->kind == "internet" || network->kind == "allow");
  return ports.empty() || !gated || request.as_it_runs ? Status() : ask_for_ports(site.home, ports);
}

Status replace(const Site& site, const Caller& caller) {
  caller.say("the private builder runs another daemon or configuration: replacing it");
  return stop_builder(site, {.wait_ms = kPatienceMs}, caller).status();
}

}  // namespace

Result<UniqueFd> use_private_builder(const BuilderRequest& request, Site site,
                                     const Caller& caller) {
  KTL_TRY(make_home(site.home));
  KTL_ASSIGN(site.ids, sub_ids_for(site.settings.zone, request.root,
                                   sub_id_folder(request.root, request.state), caller));
  std::string wanted = config_digest(site);
  int deaths = 0;
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    KTL_ASSIGN(UniqueFd clients,
               lock_file(site.home.clients_lock(), LockMode::kShared, kPatienceMs, caller));
    auto instance = running_instance(site.home);
    if (instance && (request.as_it_runs || instance->config == wanted)) {
      KTL_TRY(open_ports(request, site));
      return clients;
    }
    clients.reset();  // whoever starts or stops it must be alone with it
    if (!request.start) {
      return Status(Code::kUnavailable, "the private builder is not running")
          .advise("start it with `ktl builder start`");
    }
    Status done = instance ? replace(site, caller) : start_once(request, site, caller);
    if (done.code() == Code::kAborted && ++deaths < kMaxDeaths) {
      continue;  // somebody killed the supervisor; that must not cost a build
    }
    KTL_TRY(done.code() == Code::kAborted
                ? Status(Code::kUnavailable, done.message()).advise(done.next())
                : done);
  }
  return Status(Code::kUnavailable, "the private builder was stopped again and again")
      .advise("see `ktl builder inspect`");
}

}  // namespace ktl::builder
