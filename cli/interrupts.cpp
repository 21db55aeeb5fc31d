#include "cli/interrupts.h"

#include <unistd.h>

#include <csignal>

#include "base/raw_terminal.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {

int exit_of_signal(int signal) { return signal == SIGINT ? kExitInterrupt : kExitTerminate; }

Interrupts::Interrupts(Console& console)
    : signals_(
          token_,
          [&console](int) { console.err("interrupted: cleaning up; once more ends at once\n"); },
          [&console](int signal) {
            console.hush();
            RawTerminal::restore();
            ::_exit(exit_of_signal(signal));
          }) {}

}  // namespace ktl::cli
