#include "cli/render/renderer.h"

#include "cli/render/plain.h"
#include "cli/render/tty.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

// Progress is not shown; failures and results have their own way out (report.h). Whoever sits
// before a terminal that is lent is told.
class Quiet : public Renderer {
 public:
  explicit Quiet(Console& console) : console_(console) {}
  void on_event(const Event& event) override {
    if (event.type == "terminal.lent/1") {
      console_.err(sentence(event) + "\n");
    }
  }

 private:
  Console& console_;
};

// Every event as one JSON object a line, on stderr.
class RawJson : public Renderer {
 public:
  explicit RawJson(Console& console) : console_(console) {}
  void on_event(const Event& event) override { console_.err(to_line(event)); }

 private:
  Console& console_;
};

}  // namespace

std::unique_ptr<Renderer> make_renderer(const std::string& mode, Looks looks, Console& console,
                                        const Clock& clock) {
  if (mode == "quiet") {
    return std::make_unique<Quiet>(console);
  }
  if (mode == "rawjson") {
    return std::make_unique<RawJson>(console);
  }
  if (mode != "plain" && console.terminal()) {
    return std::make_unique<Tty>(looks, console, clock);
  }
  return std::make_unique<Plain>(looks.colours && console.terminal(), console);
}

}  // namespace ktl::cli
