// ktl: the program.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "cli/commands/command.h"
#include "core/bridge/spawn.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/worker.h"

namespace ktl::cli {
namespace {

// A descriptor 0, 1 or 2 that is closed would be taken by the next file that is opened.
void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      [[maybe_unused]] int opened = ::open("/dev/null", O_RDWR);
    }
  }
}

int run(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == bridge::kBridgeWord) {
    return run_worker();
  }
  open_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  Status names = adopt_other_names();
  Environment environment = Environment::of_process();
  std::string term = environment.text("TERM");
  ProcessConsole console(term.empty() || term == "dumb");
  if (!names.ok()) {
    return fail(console, names);
  }
  std::error_code error;
  std::filesystem::path directory = std::filesystem::current_path(error);
  if (error) {
    return fail(console, Status(Code::kNotFound, "the working directory is gone")
                             .advise("change to a folder that exists"));
  }
  int exit =
      run_program({{argv + (argc > 0 ? 1 : 0), argv + argc}, environment, console, directory});
  return exit == 0 && console.lost() ? kExitExport : exit;
}

}  // namespace
}  // namespace ktl::cli

// Plugins are never unloaded and may still have threads: nothing is torn down, the program ends.
int main(int argc, char** argv) {
  ::mallopt(M_ARENA_MAX, 1);  // threads mostly wait; an arena for each costs pages and calls
  ::_exit(ktl::cli::run(argc, argv));
}
