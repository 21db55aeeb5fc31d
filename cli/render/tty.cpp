#include "cli/render/tty.h"

#include <algorithm>
#include <chrono>

#include "cli/render/body.h"
#include "cli/render/sanitize.h"
#include "cli/render/view.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr auto kFrame = std::chrono::milliseconds(100);

}  // namespace

Tty::Tty(Looks looks, Console& console, const Clock& clock)
    : looks_(looks),
      console_(console),
      clock_(clock),
      begun_ns_(clock.unix_ns()),
      steps_(looks.colours) {
  console.divert([this](std::string_view text) {
    std::lock_guard lock(mutex_);
    say(text);
  });
  thread_ = std::thread([this] { run(); });
}

Tty::~Tty() { finish(); }

void Tty::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kFrame, [this] { return stopped_; })) {
    lock.unlock();
    draw();
    lock.lock();
  }
}

// What is over or failed stays above; the rest comes again below whatever the terminal shows then.
void Tty::hold(bool on) {
  std::lock_guard lock(drawing_);
  {
    std::lock_guard guard(mutex_);
    held_ = on;
  }
  if (on) {
    console_.draw(compose());
  }
}

void Tty::finish() {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) {
      return;
    }
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
  console_.divert({});
  draw();
}

void Tty::on_event(const Event& event) {
  std::lock_guard lock(mutex_);
  note(event);
}

void Tty::say(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    above_.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void Tty::add(Step* step) {
  if (step != nullptr && !step->name.empty()) {
    groups_.add(*step);
  }
}

void Tty::note(const Event& event) {
  std::vector<std::string> lines;
  if (event.type == "vertex.queued/1") {
    add(steps_.queued(event));
  } else if (event.type == "vertex.started/1") {
    add(steps_.started(event));
  } else if (event.type == "vertex.completed/1") {
    Step* step = steps_.completed(event);
    add(step);
    if (step != nullptr) {
      steps_.flush(*step);
    }
  } else if (event.type == "log/1") {
    steps_.log(event, lines);
  } else if (event.type == "vertex.progress/1") {
    steps_.progress(event);
  } else if (event.type == "push/1") {
    note_push(event);
  } else if (event.type == "stage.completed/1" && text_in(event.body, "stage") == "export") {
    end_pushes(event);
  } else if (event.type == "terminal.lent/1") {
    notice_ = sentence(event);  // the last thing that is seen before the terminal is given away
  } else if (event.type != "warning/1") {  // these are told at the end
    say(sentence(event));
  }
}

// ktl's own pushes are no steps of the builder, but look like some.
void Tty::note_push(const Event& event) {
  Step* step = steps_.named("pushing " + one_line(text_in(event.body, "name")), event.time_ns);
  if (step == nullptr) {
    return;
  }
  if (std::find(pushes_.begin(), pushes_.end(), step) == pushes_.end()) {
    pushes_.push_back(step);
    add(step);
  }
  step->transfers.note(text_in(event.body, "digest"), int_in(event.body, "bytes"),
                       int_in(event.body, "total"), bool_in(event.body, "done"), event.time_ns);
}

void Tty::end_pushes(const Event& event) {
  for (Step* step : pushes_) {
    step->completed = true;
    step->completed_ns = event.time_ns;
    step->error = text_in(event.body, "outcome") == "done" ? "" : "not pushed";
  }
}

// Moves what is over from the live lines to those that stay.
void Tty::scroll(const Group& group, const View& view, bool all) {
  for (std::string& line : view.past(group, all)) {
    above_.push_back(std::move(line));
  }
  for (Step* step : group.steps) {
    step->shown = step->shown || step->completed || all;
  }
}

std::string Tty::compose() {
  std::lock_guard lock(mutex_);
  Size size{console_.columns(), console_.rows()};
  View view(looks_, size, clock_.unix_ns());
  for (const Group& group : groups_.all()) {
    Tally sum = tally(group);
    if (stopped_ || held_ || !group.users || sum.finished == sum.steps) {
      scroll(group, view, stopped_ || held_);
    }
  }
  if (held_) {
    say(std::exchange(notice_, {}));
  }
  auto live = stopped_ || held_ ? std::vector<std::string>() : view.live(groups_, begun_ns_);
  return area_.draw(std::exchange(above_, {}), live, size);
}

void Tty::draw() {
  std::lock_guard lock(drawing_);
  if (held_) {
    return;
  }
  std::string out = compose();
  if (!out.empty()) {
    console_.draw(out);
  }
}

}  // namespace ktl::cli
