// "ktl.host.process/1": helper programs of plugins, which end with the call that started them.
#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/clock.h"
#include "base/process.h"
#include "core/document/schemas.h"
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kGraceMs = 2'000;  // between SIGTERM and SIGKILL
constexpr size_t kMaxCommand = 4U << 20U;

Result<Command> command_of(std::string_view text) {
  KTL_ASSIGN(json::value written, parse_json(text, kMaxCommand));
  KTL_ASSIGN(Schema schema, document_schema("process-1"));
  KTL_TRY(schema.validate(written, "process"));
  json::value document = schema.with_defaults(written);
  Command command;
  command.argv = texts_of(document, "argv");
  command.timeout_ms = int_of(document, "timeout_ms");
  if (const auto* env = field_of(document, "env")) {
    for (const auto& member : env->get_object()) {
      command.env.push_back(std::string(member.key()) + "=" +
                            std::string(member.value().get_string()));
    }
  }
  if (command.env.empty()) {  // which would mean: ktl's own
    command.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  }
  return command;
}

// Until the child has ended, the call is told to stop, or its own time is over.
Status wait_for(const Child& child, PluginCall& call, int64_t deadline_ns) {
  for (;;) {
    int64_t left = (deadline_ns - system_clock().monotonic_ns()) / kNsPerMs;
    std::array<pollfd, 2> fds = {{{child.pidfd(), POLLIN, 0}, {call.stop().fd(), POLLIN, 0}}};
    int ready =
        poll(fds.data(), fds.size(), static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000)));
    if (fds[0].revents != 0) {
      return {};
    }
    if (ready > 0 && fds[1].revents != 0) {
      return {Code::kCancelled, "a helper program was stopped with its call"};
    }
    if (ready == 0 && left <= 0) {
      return {Code::kDeadlineExceeded, "a helper program ran out of time"};
    }
  }
}

Result<int> run(PluginCall& call, std::string_view text, int output) {
  KTL_ASSIGN(Command command, command_of(text));
  command.parent_death_signal = SIGKILL;
  KTL_ASSIGN(Child child, spawn(command, output, true));
  int64_t deadline =
      std::min(call.deadline_ns(), system_clock().monotonic_ns() + command.timeout_ms * kNsPerMs);
  Status stopped = wait_for(child, call, deadline);
  if (stopped.ok()) {
    return child.wait(-1);
  }
  child.signal(SIGTERM);
  [[maybe_unused]] auto ended = child.wait(kGraceMs);  // else its destructor kills it
  return stopped;
}

ktl_status process_run(ktl_call* call, ktl_str command, int32_t output, int32_t* exit) noexcept {
  auto& self = PluginCall::of(call);
  auto ended = run(self, {command.data, command.size}, output);
  if (!ended.ok()) {
    return self.note(ended.status());
  }
  *exit = *ended;
  return KTL_OK;
}

}  // namespace

const ktl_host_process_v1& process_table() {
  static constexpr ktl_host_process_v1 kTable = {&process_run};
  return kTable;
}

}  // namespace ktl
