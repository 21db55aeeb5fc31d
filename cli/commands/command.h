// What a command of ktl is, and what it is given.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/console.h"
#include "cli/environment.h"
#include "cli/options/option.h"

namespace ktl::cli {

// The surroundings of one run of the program. Everything outlives the command.
struct Invocation {
  std::vector<std::string> args;  // what follows the command's name
  const Environment& environment;
  Console& console;
  std::filesystem::path directory;  // the working directory, absolute
};

using Run = int (*)(const Invocation&);  // returns the exit code

// One row of the table. `name` may be two words ("plugin list").
struct Command {
  std::string name;
  std::string operands;  // "[CONTEXT]", for help
  std::string summary;
  Run run = nullptr;  // null: promised in the documents, not built yet
  const std::vector<Option>& (*options)() = nullptr;
  bool hidden = false;  // for scripts of ktl's own, not shown in help
};

const std::vector<Command>& commands();

// The command that `args` begins with, longest name first; null when there is none.
const Command* find_command(const std::vector<std::string>& args);

// Prints why and returns `exit`.
int fail(Console& console, const Status& status, int exit = 2);

// The commands, a file each.
int run_build(const Invocation& invocation);
int run_complete(const Invocation& invocation);
int run_completion(const Invocation& invocation);
int run_config_schema(const Invocation& invocation);
int run_config_show(const Invocation& invocation);
int run_config_trust(const Invocation& invocation);
int run_doctor(const Invocation& invocation);
int run_help(const Invocation& invocation);
int run_plugin_check(const Invocation& invocation);
int run_plugin_list(const Invocation& invocation);
int run_plugin_new(const Invocation& invocation);
int run_plugin_show(const Invocation& invocation);
int run_sandbox_doctor(const Invocation& invocation);
int run_sandbox_exec(const Invocation& invocation);
int run_sandbox_look(const Invocation& invocation);
int run_lock(const Invocation& invocation);
int run_login(const Invocation& invocation);
int run_logout(const Invocation& invocation);
int run_version(const Invocation& invocation);

// A command that a plugin contributed, or none at all; `invocation.args` begins with its name.
int run_contributed(const Invocation& invocation);

// Runs whatever `invocation.args`, all words after the program's name, ask for.
int run_program(const Invocation& invocation);

}  // namespace ktl::cli
