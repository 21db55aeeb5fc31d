// Progress on a terminal: finished steps scroll up, running ones stay below and move.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "cli/render/live_area.h"
#include "cli/render/renderer.h"
#include "cli/render/steps.h"

namespace ktl::cli {

// Draws at most ten times a second, from a thread of its own, so that clocks run while nothing
// happens. on_event only notes what changed.
class Tty : public Renderer {
 public:
  Tty(bool colours, Console& console, const Clock& clock);
  ~Tty() override;
  void on_event(const Event& event) override;
  void finish() override;

  // One frame, now. The drawing thread calls it; so do tests.
  void draw();

 private:
  void note(const Event& event);
  void completed(const Event& event);
  void progress(const Event& event);
  [[nodiscard]] std::vector<std::string> frame(size_t columns, size_t rows) const;
  [[nodiscard]] std::string head() const;
  void add_step(const Step& step, size_t columns, size_t lines, std::vector<std::string>& to) const;
  [[nodiscard]] std::string paint(std::string_view code, std::string_view text) const;
  void run();

  bool colours_;
  Console& console_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Steps steps_;
  LiveArea area_;
  std::vector<std::string> above_;        // finished since the last frame
  std::map<int, std::string> transfers_;  // by step number: the transfer that moved last
  std::set<int> running_;                 // numbers of steps that run
  int64_t begun_ns_ = 0;
  int finished_steps_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace ktl::cli
