// The index of plugins, opened later than it was written. "@RULES@" stands for what makes this ktl
// believe it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "core/plugins/index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path folder = [] {
    std::string name = "/tmp/ktl-fuzz-index-XXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
  auto file = folder / "plugin-index.json";
  std::string text(reinterpret_cast<const char*>(data), size);
  if (size_t at = text.find("@RULES@"); at != std::string::npos) {
    text.replace(at, 7, ktl::manifest_rules());
  }
  auto written = ktl::write_file_atomic(file, text, 0600);
  ktl::PluginIndex index(file);
  auto self = ktl::open_file("/proc/self/exe", O_RDONLY);
  // The program is no plugin, whatever the index says of other files.
  return written.ok() && self.ok() && index.look(self->get()).ok() ? -1 : 0;
}
