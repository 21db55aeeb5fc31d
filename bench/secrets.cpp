// What the engine of the secrets guard makes of bytes in memory: MB/s on one core, findings, RSS.
// bench_secrets FILE ...: each file is read, repeated to 256 MB and scanned ROUNDS times; the
// median.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/fd.h"
#include "secrets/scanner.h"

namespace {

constexpr size_t kBytes = 256U << 20U;
constexpr int kRounds = 3;
using Clock = std::chrono::steady_clock;

double seconds_for(const ktl::secrets::Rules& rules, const std::string& text, size_t& findings) {
  findings = 0;
  const auto start = Clock::now();
  ktl::secrets::Scanner scanner(rules, [&](const ktl::secrets::Match&) { ++findings; });
  for (size_t fed = 0; fed < kBytes; fed += text.size()) {
    scanner.feed(text);
  }
  scanner.finish();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int count, char** files) {
  const auto start = Clock::now();
  const auto rules = ktl::secrets::Rules::load();
  std::printf("rules loaded in %.1f ms\n",
              std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  for (int i = 1; i < count; ++i) {
    const auto text = ktl::read_file(files[i], kBytes);
    if (!text.ok() || text->empty()) {
      std::fprintf(stderr, "%s\n", text.status().to_string().c_str());
      return 2;
    }
    std::vector<double> times;
    size_t findings = 0;
    for (int round = 0; round < kRounds; ++round) {
      times.push_back(seconds_for(*rules, *text, findings));
    }
    std::sort(times.begin(), times.end());
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%s: %.0f MB/s, %zu findings, RSS %ld MB\n", files[i],
                kBytes / 1e6 / times[kRounds / 2], findings, usage.ru_maxrss / 1024);
  }
}
