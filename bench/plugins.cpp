// bench_plugins FOLDER INDEX: milliseconds to find, load and create every plugin in FOLDER.
#include <chrono>
#include <cstdio>

#include "core/plugins/host.h"
#include "core/plugins/registry.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench_plugins FOLDER INDEX\n", stderr);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  ktl::PluginSetup setup;
  setup.folders.push_back({.path = argv[1], .origin = "argument", .enabled = true});
  setup.index = argv[2];
  auto registry = ktl::PluginRegistry::discover(std::move(setup));
  if (!registry.ok()) {
    std::fprintf(stderr, "%s\n", registry.status().to_string().c_str());
    return 1;
  }
  const ktl::Status started = registry->start(std::make_shared<const ktl::Host>(), {});
  const auto end = std::chrono::steady_clock::now();
  if (!started.ok() || registry->started().size() != 10) {
    std::fprintf(stderr, "%zu started: %s\n", registry->started().size(),
                 started.to_string().c_str());
    return 1;
  }
  std::printf("%.3f\n", std::chrono::duration<double, std::milli>(end - begin).count());
  return 0;
}
