#include "cli/render/tty.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/render/body.h"
#include "cli/render/plain.h"
#include "cli/render/width.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr auto kFrame = std::chrono::milliseconds(100);
constexpr size_t kLogLines = 8;  // at most for one running step, its name included
constexpr std::string_view kGreen = "32";
constexpr std::string_view kRed = "31";
constexpr std::string_view kBlue = "34";
constexpr std::string_view kFaint = "2";

}  // namespace

Tty::Tty(bool colours, Console& console, const Clock& clock)
    : colours_(colours),
      console_(console),
      clock_(clock),
      steps_(colours),
      begun_ns_(clock.unix_ns()),
      thread_([this] { run(); }) {}

Tty::~Tty() { finish(); }

void Tty::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kFrame, [this] { return stopped_; })) {
    lock.unlock();
    draw();
    lock.lock();
  }
}

void Tty::finish() {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) {
      return;
    }
    stopped_ = true;
    running_.clear();
  }
  wake_.notify_all();
  thread_.join();
  draw();
}

void Tty::on_event(const Event& event) {
  std::lock_guard lock(mutex_);
  note(event);
}

void Tty::note(const Event& event) {
  if (event.type == "vertex.started/1") {
    if (const Step* step = steps_.started(event.body)) {
      running_.insert(step->number);
    }
  } else if (event.type == "vertex.completed/1") {
    completed(event);
  } else if (event.type == "log/1") {
    steps_.log(event.body);
  } else if (event.type == "vertex.progress/1") {
    progress(event);
  } else if (std::string line = sentence(event); !line.empty()) {
    above_.push_back(line);
  }
}

void Tty::completed(const Event& event) {
  Step* step = steps_.completed(event.body);
  if (step == nullptr) {
    return;
  }
  steps_.flush(*step);
  running_.erase(step->number);
  transfers_.erase(step->number);
  finished_steps_ += 1;
  bool failed = !step->error.empty();
  above_.push_back(paint(kFaint, fmt::format("#{}", step->number)) + " " + step->name + " " +
                   paint(failed ? kRed : kGreen, outcome_of(*step)));
}

void Tty::progress(const Event& event) {
  if (const Step* step = steps_.find(text_in(event.body, "vertex"))) {
    int64_t total = int_in(event.body, "total");
    transfers_[step->number] = one_line(text_in(event.body, "id")) + " " +
                               bytes(int_in(event.body, "current")) +
                               (total > 0 ? " / " + bytes(total) : "");
  }
}

std::string Tty::paint(std::string_view code, std::string_view text) const {
  return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string Tty::head() const {
  return paint(kBlue,
               fmt::format("Building {} ({}/{} steps)", seconds(clock_.unix_ns() - begun_ns_),
                           finished_steps_, steps_.all().size()));
}

void Tty::add_step(const Step& step, size_t columns, size_t lines,
                   std::vector<std::string>& to) const {
  std::string time = seconds(clock_.unix_ns() - step.started_ns);
  std::string name = fit(fmt::format("#{} {}", step.number, step.name),
                         columns > time.size() + 1 ? columns - time.size() - 1 : 0);
  to.push_back(name + " " + paint(kBlue, time));
  auto transfer = transfers_.find(step.number);
  if (transfer != transfers_.end()) {
    to.push_back(paint(kFaint, fit("   " + transfer->second, columns)));
  }
  size_t first = step.tail.size() > lines ? step.tail.size() - lines : 0;
  for (size_t i = first; i < step.tail.size(); ++i) {
    to.push_back(fit("   | " + step.tail[i], columns));
  }
}

// Never higher than the screen: a line that scrolled away could not be drawn again.
std::vector<std::string> Tty::frame(size_t columns, size_t rows) const {
  if (stopped_) {
    return {};
  }
  std::vector<std::string> lines = {fit(head(), columns)};
  size_t room = rows > 3 ? rows - 2 : 1;
  size_t each = running_.empty() ? 0 : std::min(kLogLines, room / running_.size());
  for (int number : running_) {
    add_step(steps_.all()[static_cast<size_t>(number - 1)], columns, each > 2 ? each - 2 : 0,
             lines);
  }
  lines.resize(std::min(lines.size(), room));
  return lines;
}

void Tty::draw() {
  std::lock_guard lock(mutex_);
  size_t columns = console_.columns();
  std::string out = area_.draw(above_, frame(columns - 1, console_.rows()), columns);
  above_.clear();
  if (!out.empty()) {
    console_.err(out);
  }
}

}  // namespace ktl::cli
