// From the words of the command line to the command that they name.
#include "cli/commands/command.h"
#include "cli/ground.h"
#include "cli/options/value.h"
#include "cli/render/failure.h"

namespace ktl::cli {
namespace {

Invocation with_args(const Invocation& invocation, std::vector<std::string> args) {
  return {std::move(args), invocation.environment, invocation.console, invocation.directory};
}

size_t words_in(const std::string& name) { return name.find(' ') == std::string::npos ? 1 : 2; }

bool asks_for_help(const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    if (arg == "--") {
      return false;
    }
    if (arg == "--help" || arg == "-h") {
      return true;
    }
  }
  return false;
}

int run_command(const Command& command, const Invocation& invocation) {
  size_t words = words_in(command.name);
  const auto& args = invocation.args;
  if (command.run == run_help || command.hidden || !asks_for_help(args)) {
    auto first = args.begin() + static_cast<std::ptrdiff_t>(words);
    return command.run(with_args(invocation, {first, args.end()}));
  }
  auto last = args.begin() + static_cast<std::ptrdiff_t>(words);
  return run_help(with_args(invocation, {args.begin(), last}));
}

}  // namespace

int fail(Console& console, const Status& status, int exit) {
  console.err(failure_text(status));
  return exit;
}

int run_program(const Invocation& invocation) {
  const auto& args = invocation.args;
  if (args.empty()) {
    return fail(invocation.console, Status(Code::kInvalidArgument, "no command was given")
                                        .advise("`ktl help` lists the commands"));
  }
  Status valid = check_word("the command", args[0]);
  if (!valid.ok()) {
    return fail(invocation.console, valid);
  }
  if (args[0] == "--version" || args[0] == "-v") {
    return run_version(with_args(invocation, {}));
  }
  if (args[0] == "--help" || args[0] == "-h") {
    return run_help(with_args(invocation, {}));
  }
  if (args[0].starts_with('-')) {
    return fail(invocation.console,
                Status(Code::kInvalidArgument, "a flag stands before the command: " + args[0])
                    .advise("write the command first: ktl COMMAND " + args[0]));
  }
  const Command* command = find_command(args);
  return command != nullptr && command->run != nullptr ? run_command(*command, invocation)
                                                       : run_contributed(invocation);
}

}  // namespace ktl::cli
