// What one call over the bridge costs: an empty task and one of 4 KiB, in another process.
//
//   bench_bridge PLUGIN.so [CALLS]     a plugin with ktl.scan/1 that answers at once
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "core/bridge/entry.h"
#include "core/bridge/remote_plugin.h"
#include "core/bridge/spawn.h"

namespace ktl::bridge {
namespace {

void measure(const char* name, RemotePlugin& plugin, const json::value& document, int calls) {
  std::vector<int64_t> times;
  for (int i = 0; i < calls; ++i) {
    const int64_t begun = system_clock().monotonic_ns();
    auto answer = plugin.invoke(verbs::kScan, document, {});
    times.push_back(system_clock().monotonic_ns() - begun);
    if (!answer.ok()) {
      std::fprintf(stderr, "%s\n", answer.status().to_string().c_str());
      std::exit(1);
    }
  }
  std::ranges::sort(times);
  const auto at = [&](double part) {
    return static_cast<double>(times[static_cast<size_t>(part * (calls - 1))]) / 1000;
  };
  std::printf("%-12s median %7.1f us, min %7.1f us, 90%% %7.1f us (%d calls)\n", name, at(0.5),
              at(0), at(0.9), calls);
}

int run(const std::string& path, int calls) {
  auto process = PluginProcess::start({.name = "the other side"});
  if (!process.ok() || !(*process)->greet({.host = std::make_shared<const Host>()}).ok()) {
    return 1;
  }
  PluginIndex none;
  PluginFile file = plugin_at(path, "bench", none);
  PluginOrder order{file.manifest, file.path, std::string(64, '0'), std::move(file.fd),
                    R"({"severity":"info","message":"m"})"};
  auto plugin = RemotePlugin::load(**process, order, true);
  if (!plugin.ok() || !(*plugin)->ready({}).ok()) {
    std::fprintf(stderr, "%s cannot be loaded\n", path.c_str());
    return 1;
  }
  measure("empty", **plugin, json::object(), calls);
  measure("4 KiB", **plugin, json::object{{"text", std::string(4096, 'x')}}, calls);
  return 0;
}

}  // namespace
}  // namespace ktl::bridge

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == ktl::bridge::kBridgeWord) {
    return ktl::bridge::run_bridge({});
  }
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_bridge PLUGIN.so [CALLS]\n");
    return 2;
  }
  return ktl::bridge::run(argv[1], argc > 2 ? std::atoi(argv[2]) : 5000);
}
