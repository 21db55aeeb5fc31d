// Feeds the renderers a large build and says what that cost; see bench/render.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "cli/render/renderer.h"

namespace ktl::cli {
namespace {

constexpr int kStages = 20;
constexpr int kSteps = 50;   // of a stage
constexpr int kLines = 100;  // of a step

// Counts what a terminal of 80 x 24 would be sent.
class Counter : public Console {
 public:
  explicit Counter(bool terminal) : terminal_(terminal) {}
  void out(std::string_view text) override { draw(text); }
  void draw(std::string_view text) override {
    bytes += text.size();
    writes += 1;
  }
  void hush() override {}
  [[nodiscard]] bool terminal() const override { return terminal_; }
  [[nodiscard]] bool one_place() const override { return true; }
  [[nodiscard]] size_t columns() const override { return 80; }
  [[nodiscard]] size_t rows() const override { return 24; }

  size_t bytes = 0;
  size_t writes = 0;

 private:
  bool terminal_;
};

Event event(const char* type, json::object body) {
  return {.seq = 1, .time_ns = system_clock().unix_ns(), .type = type, .body = std::move(body)};
}

// Stages run side by side, the steps of a stage one after the other.
std::vector<Event> large_build() {
  std::vector<Event> events;
  auto name = [](int stage, int step) {
    return fmt::format("[stage{} {}/{}] RUN make -C component/{} all", stage, step + 1, kSteps,
                       step);
  };
  auto vertex = [](int stage, int step) { return fmt::format("sha256:{}-{}", stage, step); };
  for (int step = 0; step < kSteps; ++step) {
    for (int stage = 0; stage < kStages; ++stage) {
      events.push_back(
          event("vertex.queued/1", {{"vertex", vertex(stage, step)}, {"name", name(stage, step)}}));
    }
  }
  for (int step = 0; step < kSteps; ++step) {
    for (int stage = 0; stage < kStages; ++stage) {
      events.push_back(event("vertex.started/1", {{"vertex", vertex(stage, step)},
                                                  {"name", name(stage, step)},
                                                  {"started_ns", system_clock().unix_ns()}}));
    }
    for (int line = 0; line < kLines; ++line) {
      for (int stage = 0; stage < kStages; ++stage) {
        std::string text = fmt::format(
            "\x1b[32mcc\x1b[0m -O2 -c component/{}/source{}.c -o source{}.o\n", step, line, line);
        events.push_back(event(
            "log/1", {{"vertex", vertex(stage, step)}, {"stream", 1}, {"text", std::move(text)}}));
      }
    }
    for (int stage = 0; stage < kStages; ++stage) {
      events.push_back(event("vertex.completed/1", {{"vertex", vertex(stage, step)},
                                                    {"name", name(stage, step)},
                                                    {"cached", false},
                                                    {"error", ""},
                                                    {"started_ns", 1},
                                                    {"completed_ns", 2}}));
    }
  }
  return events;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const std::string& mode, bool terminal, const std::vector<Event>& events,
             double seconds) {
  Counter console(terminal);
  double before = cpu_seconds();
  auto begun = std::chrono::steady_clock::now();
  {
    auto renderer =
        make_renderer(mode, {.colours = true, .unicode = true}, console, system_clock());
    constexpr int kSlices = 200;
    size_t slice = events.size() / kSlices + 1;
    for (size_t i = 0; i < events.size(); ++i) {
      renderer->on_event(events[i]);
      if (i % slice == 0) {
        std::this_thread::sleep_until(
            begun + std::chrono::duration<double>(seconds * static_cast<double>(i) /
                                                  static_cast<double>(events.size())));
      }
    }
    renderer->finish();
  }
  double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  double cpu = cpu_seconds() - before;
  fmt::print(
      "{:6} wall {:6.2f} s   CPU {:7.1f} ms ({:4.1f} % of a core)   {:9} bytes in {:6} writes\n",
      mode, wall, cpu * 1000, 100 * cpu / wall, console.bytes, console.writes);
}

}  // namespace
}  // namespace ktl::cli

int main(int argc, char** argv) {
  double seconds = argc > 1 ? std::atof(argv[1]) : 10;
  auto events = ktl::cli::large_build();
  fmt::print("{} events\n", events.size());
  ktl::cli::measure("tty", true, events, seconds);
  ktl::cli::measure("plain", false, events, seconds);
}
