// Who watches a build: the display, the report of its end, the log file.
#pragma once

#include <memory>
#include <string>

#include "cli/environment.h"
#include "cli/render/log_file.h"
#include "cli/render/renderer.h"
#include "cli/render/report.h"
#include "cli/terminal_desk.h"
#include "core/events/bus.h"

namespace ktl::cli {

// Shared with the bus's threads, which may outlive the command when a terminal does not take what
// it is sent.
class Audience {
 public:
  // Subscribes to `bus`. `mode` as in make_renderer. Console and bus live until the program ends.
  // `log_file` may be null; it misses nothing, however slow its disk is.
  // While `terminal` (which may be null) is lent, the display stands still.
  Audience(const std::string& mode, Looks looks, Console& console, Bus& bus,
           std::shared_ptr<LogFile> log_file,
           const std::shared_ptr<TerminalDesk>& terminal = nullptr);

  // Ends the display once the bus is done with it; see Bus::finish.
  void finish();

  // After finish: what is said at the end, to stderr; nothing in the mode rawjson, whose reader has
  // it all as events. Then `results` to stdout.
  void conclude(const std::string& results);
  // A failure that no event told.
  void fail(const Status& status);
  [[nodiscard]] const Report& report() const { return *report_; }

 private:
  std::string mode_;
  Console& console_;
  Bus& bus_;
  std::shared_ptr<Renderer> renderer_;
  std::shared_ptr<Report> report_ = std::make_shared<Report>();
  std::shared_ptr<LogFile> log_file_;
  std::shared_ptr<Renderer> log_renderer_;
};

// What the terminal can show: no colours with `no_colour` or NO_COLOR (https://no-color.org); signs
// beyond ASCII in a UTF-8 locale (LC_ALL, LC_CTYPE, LANG, as in setlocale(3)).
Looks looks_of(const Environment& environment, bool no_colour);

}  // namespace ktl::cli
