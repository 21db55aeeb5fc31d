// Ctrl-C and its like, for one command.
#pragma once

#include "base/cancel.h"
#include "cli/console.h"
#include "core/pipeline/signals.h"

namespace ktl::cli {

// The first signal cancels the token and says so on `console`; the second ends the program at
// once. To be made before any thread, and to live as long as the command. See ktl::Signals.
class Interrupts {
 public:
  explicit Interrupts(Console& console);
  [[nodiscard]] const CancelToken& token() const { return token_; }

 private:
  CancelToken token_;
  Signals signals_;
};

// The exit code that a signal asks for: 130 for SIGINT, 143 for the others.
int exit_of_signal(int signal);

}  // namespace ktl::cli
