// `ktl sandbox exec -- CMD`: any command behind the fence that a build would have.
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/commands/command.h"
#include "cli/sandbox_room.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {
namespace {

// What a shell has; nothing of the user's that may be a credential.
std::vector<std::string> plain_environment(const Environment& environment) {
  std::vector<std::string> variables = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
                                        "TMPDIR=/tmp"};
  for (const char* name : {"TERM", "LANG", "LC_ALL"}) {
    if (const std::string value = environment.text(name); !value.empty()) {
      variables.push_back(std::string(name) + "=" + value);
    }
  }
  return variables;
}

Status become(const Invocation& invocation, const SandboxOrder& order) {
  KTL_ASSIGN(const auto room, SandboxRoom::open(invocation, order));
  KTL_ASSIGN(const MadeFence made,
             room->around(order.words, plain_environment(invocation.environment)));
  KTL_ASSIGN(const UniqueFd nowhere, open_file("/dev/null", O_WRONLY));
  return bridge::exec_wrapped(made.command,
                              order.request.sandbox.logs ? STDERR_FILENO : nowhere.get());
}

}  // namespace

int run_sandbox_exec(const Invocation& invocation) {
  auto order = take_sandbox_order(invocation, sandbox_exec_options());
  if (!order.ok()) {
    return fail(invocation.console, order.status());
  }
  if (order->words.empty()) {
    return fail(invocation.console,
                Status(Code::kInvalidArgument, "ktl sandbox exec needs a command")
                    .advise("for example `ktl sandbox exec -- stat /etc/shadow`"));
  }
  if (order->words.front().find('/') == std::string::npos) {
    order->words.insert(order->words.begin(), {"/usr/bin/env", "--"});  // looks in PATH, inside
  }
  return fail(invocation.console, become(invocation, *order), kExitIsolation);
}

}  // namespace ktl::cli
