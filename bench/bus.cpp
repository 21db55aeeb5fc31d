// What an event costs on its way through the bus; bench/bus builds and runs this.
//
// One publisher, events of 256 bytes, four subscribers of which one is stalled until the end. In
// turn: no secrets, 1, 100 and 1,000 registered values; the stalled one losing, then lossless.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "core/events/bus.h"

namespace ktl {
namespace {

constexpr size_t kBytes = 256;  // of an event's texts
const std::string kVertex = "sha256:" + std::string(64, 'd');

struct Cost {
  double per_second = 0;  // published, until the last event has been handed over
  double cpu_ns = 0;      // of all threads, for an event
  double own_ns = 0;      // of the publisher's thread alone: what a core of its own would take
  uint64_t lossless = 0;  // events that the lossless subscriber saw
};

double cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto ns = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

double thread_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Lines of a compiler at work: words, paths and numbers.
std::vector<std::string> lines(std::mt19937& random) {
  const std::vector<std::string> words = {
      "building",  "object",  "src/main/", "core.cpp.o", "[42%]",   "warning:",   "unused",
      "parameter", "linking", "-O2",       "installing", "package", "libssl-dev", "(3.0.11-1)"};
  std::vector<std::string> made(64);
  for (std::string& line : made) {
    while (line.size() < kBytes - kVertex.size() - 1) {
      line += words[random() % words.size()] + " ";
    }
    line.resize(kBytes - kVertex.size() - 1);
    line += '\n';
  }
  return made;
}

std::shared_ptr<redact::Values> secrets(size_t count, std::mt19937& random) {
  auto values = std::make_shared<redact::Values>();
  for (size_t i = 0; i < count; ++i) {
    std::string value(40, ' ');
    std::ranges::generate(
        value, [&] { return "abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789+/-_"[random() % 48]; });
    if (!values->add(value).ok()) {
      std::exit(1);
    }
  }
  return values;
}

Subscription reader(const char* name, std::atomic<uint64_t>& seen) {
  return {.name = name, .sink = [&seen](auto batch) { seen += batch.size(); }};
}

Cost run(size_t count, size_t values, bool lossless) {
  std::mt19937 random(1);
  const auto texts = lines(random);
  std::promise<void> open;
  std::shared_future<void> gate = open.get_future().share();
  std::atomic<uint64_t> seen[4] = {};
  Bus bus("20261123T000000Z-00000000", secrets(values, random));
  for (int i = 0; i < 3; ++i) {
    bus.subscribe(reader("reader", seen[i]));
  }
  Subscription stalled = reader("stalled", seen[3]);
  stalled.sink = [gate, &seen](auto batch) {
    gate.wait();
    seen[3] += batch.size();
  };
  if (lossless) {
    stalled.spill_folder = "/tmp";
  }
  bus.subscribe(std::move(stalled));
  bus.publish("log/1", {{"vertex", kVertex}, {"stream", 1}, {"text", texts[0]}, {"time_ns", 1}});
  const double cpu = cpu_ns();
  const double own = thread_ns();
  const int64_t begin = system_clock().monotonic_ns();
  for (size_t i = 1; i < count; ++i) {
    bus.publish(
        "log/1",
        {{"vertex", kVertex}, {"stream", 1}, {"text", texts[i % texts.size()]}, {"time_ns", 1}});
  }
  const double wall = static_cast<double>(system_clock().monotonic_ns() - begin);
  const double used = cpu_ns() - cpu;
  const double published = thread_ns() - own;
  open.set_value();
  bus.finish(std::chrono::minutes(2));
  const auto events = static_cast<double>(count);
  return {events / wall * 1e9, used / events, published / events, seen[3]};
}

}  // namespace
}  // namespace ktl

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  std::printf("%zu events of %zu bytes, 4 subscribers, 1 stalled; medians of %d\n", count,
              ktl::kBytes, rounds);
  for (const bool lossless : {false, true}) {
    for (const size_t values : {0U, 1U, 100U, 1000U}) {
      std::vector<ktl::Cost> costs;
      for (int round = 0; round < rounds; ++round) {
        costs.push_back(ktl::run(count, values, lossless));
        if (lossless && costs.back().lossless != count) {
          std::printf("the lossless subscriber missed %zu events\n", count - costs.back().lossless);
          return 1;
        }
      }
      auto median = [&](double ktl::Cost::* what) {
        std::ranges::sort(costs, {}, what);
        return costs[costs.size() / 2].*what;
      };
      std::printf(
          "%5zu values, stalled one %-8s %9.0f events/s  %6.0f ns CPU an event, %5.0f the "
          "publisher's\n",
          values, lossless ? "lossless" : "losing", median(&ktl::Cost::per_second),
          median(&ktl::Cost::cpu_ns), median(&ktl::Cost::own_ns));
      std::fflush(stdout);
    }
  }
  return 0;
}
