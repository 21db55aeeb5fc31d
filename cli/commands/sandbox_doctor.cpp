// `ktl build sandbox doctor`: whether the fence that a build would have really stands.
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/sandbox_gate.h"
#include "cli/commands/sandbox_probes.h"
#include "cli/render/sanitize.h"
#include "core/document/fields.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {
namespace {

constexpr int kSeconds = 30;
constexpr size_t kMaxSaid = 4U << 20U;

// A listener on loopback: whoever can connect to it has this machine's network.
struct Listener {
  UniqueFd fd;
  uint16_t port = 0;
};

Listener listen_here() {
  Listener listener{UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (::bind(listener.fd.get(), reinterpret_cast<sockaddr*>(&here), size) == 0 &&
      ::listen(listener.fd.get(), 4) == 0 &&
      ::getsockname(listener.fd.get(), reinterpret_cast<sockaddr*>(&here), &size) == 0) {
    listener.port = ntohs(here.sin_port);
  }
  return listener;
}

struct Said {
  std::string out;
  std::string log;
  int exit = -1;
};

// Reads what is there; false at the end of the pipe.
bool drain(const UniqueFd& pipe, std::string& text) {
  std::array<char, 16384> bytes{};
  const ssize_t got = ::read(pipe.get(), bytes.data(), bytes.size());
  if (got > 0 && text.size() < kMaxSaid) {
    text.append(bytes.data(), static_cast<size_t>(got));
  }
  return got > 0;
}

Result<Said> run_behind(const MadeFence& made) {
  KTL_ASSIGN(bridge::Spawned spawned, bridge::spawn_wrapped(made.command));
  Said said;
  std::array<pollfd, 2> fds = {{{spawned.output.get(), POLLIN, 0}, {spawned.log.get(), POLLIN, 0}}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (::poll(fds.data(), fds.size(), kSeconds * 1000) <= 0) {
      return Status(Code::kDeadlineExceeded, fmt::format("no answer in {} s", kSeconds));
    }
    if (fds[0].revents != 0 && !drain(spawned.output, said.out)) {
      fds[0].fd = -1;
    }
    if (fds[1].revents != 0 && !drain(spawned.log, said.log)) {
      fds[1].fd = -1;
    }
  }
  KTL_ASSIGN(said.exit, spawned.process.wait(kSeconds * 1000));
  return said;
}

SandboxProbe failed(std::string id, const Status& status) {
  const std::string place = status.where().empty() ? "" : status.where() + ": ";
  return {std::move(id), "FAIL", place + status.message(),
          status.next().empty() ? "see docs/sandbox.md" : status.next()};
}

json::object outside_of(const SandboxOrder& order) {
  struct stat info{};
  ::stat(order.request.context.c_str(), &info);
  return {{"namespaces", namespaces_here()},
          {"context",
           {{"device", static_cast<int64_t>(info.st_dev)},
            {"inode", static_cast<int64_t>(info.st_ino)}}}};
}

std::string last_lines(const std::string& log) {
  return log.size() < 2000 ? log : log.substr(log.size() - 2000);
}

// Everything about the fence itself.
void probe_fence(const SandboxRoom& room, const SandboxOrder& order,
                 std::vector<SandboxProbe>& probes) {
  const Listener listener = listen_here();
  std::vector<std::string> argv = {std::filesystem::read_symlink("/proc/self/exe").native(),
                                   "__look", order.request.sandbox.workdir,
                                   std::to_string(listener.port)};
  const auto& paths = order.request.sandbox.probe_paths;
  argv.insert(argv.end(), paths.begin(), paths.end());
  auto made = room.around(argv, {"HOME=/tmp", "PATH=/usr/bin:/bin"}, {bridge::kBridgeFd});
  if (!made.ok()) {
    probes.push_back(failed("runtime", made.status()));
    return;
  }
  probes.push_back({"runtime", "PASS",
                    std::string(text_of(made->made, "runtime")) + " " +
                        std::string(text_of(made->made, "version")) + " by " + made->plugin,
                    ""});
  probes.push_back(probe_policy(made->made, room.fence()));
  for (const std::string& note : texts_of(made->made, "notes")) {
    probes.push_back({"policy.note", "SKIP", note, ""});
  }
  auto said = run_behind(*made);
  auto seen = said.ok() ? parse_json(said->out, kMaxSaid) : said.status();
  if (!seen.ok() || !seen->is_object()) {
    const std::string log = said.ok() ? last_lines(said->log + said->out) : said.status().message();
    probes.push_back({"start", "FAIL", "nothing runs behind the fence: " + log,
                      "see the log above; docs/sandbox.md lists what it may say"});
    return;
  }
  probes.push_back({"start", "PASS", "a process ran behind the fence", ""});
  for (SandboxProbe& probe :
       judge_sight({seen->as_object(), outside_of(order), room.fence(), made->made, paths})) {
    probes.push_back(std::move(probe));
  }
  probes.push_back(probe_links(order.request.context, room.fence()));
}

// The private builder in its jail: started, looked at, given back.
void probe_builder(SandboxRoom& room, std::vector<SandboxProbe>& probes) {
  const CallContext context{.deadline_ns = system_clock().monotonic_ns() + 120'000'000'000};
  Status loaded = room.registry().start(room.host(), context, {KTL_BUILDER_ID});
  const std::vector<Plugin*> keepers = room.registry().providing(KTL_BUILDER_ID);
  if (!loaded.ok() || keepers.empty()) {
    probes.push_back(loaded.ok() ? SandboxProbe{"builder", "SKIP", "no plugin keeps one", ""}
                                 : failed("builder", loaded));
    return;
  }
  const json::object wanted{{"schema", "ktl.builder/1"}, {"address", "auto"}, {"start", true}};
  auto lease = keepers.front()->invoke(verbs::kAcquire, wanted, context);
  if (!lease.ok()) {
    probes.push_back(failed("builder", lease.status()));
    return;
  }
  const bool fenced = bool_of(*lease, "steps_fenced");
  const bool own = text_of(*lease, "kind") == "private";
  probes.push_back({"builder",
                    fenced ? "PASS"
                    : own  ? "FAIL"
                           : "SKIP",
                    std::string(text_of(*lease, "note")),
                    fenced || !own ? "" : "`ktl doctor` says what its jail lacks"});
  static_cast<void>(keepers.front()->invoke(verbs::kRelease, *lease, context));
}

std::string shown(const std::vector<SandboxProbe>& probes, bool as_json) {
  json::array list;
  std::string lines;
  for (const SandboxProbe& probe : probes) {
    list.push_back(json::object{{"id", probe.id},
                                {"status", probe.status},
                                {"evidence", valid_utf8(probe.evidence)},
                                {"fix", probe.fix}});
    lines += fmt::format("{} {}: {}\n", probe.status, probe.id, one_line(probe.evidence));
    lines += probe.fix.empty() ? "" : "     fix: " + one_line(probe.fix) + "\n";
  }
  return as_json ? pretty_json(json::object{{"probes", std::move(list)}}) : lines;
}

}  // namespace

int run_sandbox_doctor(const Invocation& invocation) {
  auto order = take_sandbox_order(invocation, sandbox_doctor_options());
  if (order.ok() && (order->words.size() != 1 || order->words[0] != "doctor")) {
    order = Status(Code::kInvalidArgument, "ktl build sandbox knows one word: doctor")
                .advise("a folder of that name is built with `ktl build ./sandbox`");
  }
  if (!order.ok()) {
    return fail(invocation.console, order.status());
  }
  std::vector<SandboxProbe> probes;
  auto room = SandboxRoom::open(invocation, *order);
  if (room.ok()) {
    probe_fence(**room, *order, probes);
  } else {
    probes.push_back(failed("runtime", room.status()));
  }
  for (SandboxProbe& probe : probe_machine()) {
    probes.push_back(std::move(probe));
  }
  if (room.ok()) {
    probe_builder(**room, probes);
    probes.push_back(probe_gate(invocation.environment));
  }
  invocation.console.out(shown(probes, flag_of(order->settings, "json")));
  const bool any =
      std::ranges::any_of(probes, [](const SandboxProbe& probe) { return probe.status == "FAIL"; });
  return any ? kExitIsolation : kExitDone;
}

}  // namespace ktl::cli
