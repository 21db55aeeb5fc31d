// Progress on a terminal: finished stages scroll up, what goes on stays below and moves.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/render/groups.h"
#include "cli/render/live_area.h"
#include "cli/render/renderer.h"
#include "cli/render/steps.h"

namespace ktl::cli {

// Draws at most ten times a second, from a thread of its own, so that clocks run while nothing
// happens. on_event only notes what changed. From the first frame to the end whatever else is
// written to the console is printed above the live lines.
class Tty : public Renderer {
 public:
  Tty(Looks looks, Console& console, const Clock& clock);
  ~Tty() override;
  void on_event(const Event& event) override;
  void hold(bool on) override;
  void finish() override;

  // One frame, now. The drawing thread calls it; so do tests.
  void draw();

 private:
  void note(const Event& event);
  void note_push(const Event& event);
  void end_pushes(const Event& event);
  void say(std::string_view text);
  void add(Step* step);
  [[nodiscard]] std::string compose();
  void scroll(const Group& group, const class View& view, bool all);
  void run();

  const Looks looks_;
  Console& console_;
  const Clock& clock_;
  const int64_t begun_ns_;
  std::mutex drawing_;  // held for a whole frame, so that frames are written in order
  std::mutex mutex_;    // guards what follows; never held while something is written
  std::condition_variable wake_;
  Steps steps_;
  Groups groups_;
  std::vector<Step*> pushes_;
  LiveArea area_;
  std::vector<std::string> above_;  // to be printed with the next frame
  std::string notice_;              // to be printed when the terminal is given away
  bool stopped_ = false;
  bool held_ = false;  // nothing is drawn; guarded by drawing_ too
  std::thread thread_;
};

}  // namespace ktl::cli
