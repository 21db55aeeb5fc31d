// The ways in which a build shows its progress.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/render/style.h"
#include "core/events/event.h"

namespace ktl::cli {

// A subscriber of the bus. One thread calls on_event and then finish; nothing comes after that.
class Renderer {
 public:
  virtual ~Renderer() = default;
  virtual void on_event(const Event& event) = 0;
  // Draws what is there so that it may stay, and nothing more until `on` is false again: the
  // terminal is somebody else's. Called like on_event.
  virtual void hold(bool /*on*/) {}
  // Leaves the terminal as it should stay.
  virtual void finish() {}
};

// `mode`: auto, tty, plain, quiet or rawjson. auto is tty on a terminal, else plain; tty without a
// terminal is plain. Without colours in `looks` not even a step's own are shown. `console` and
// `clock` must outlive the renderer.
std::unique_ptr<Renderer> make_renderer(const std::string& mode, Looks looks, Console& console,
                                        const Clock& clock);

}  // namespace ktl::cli
