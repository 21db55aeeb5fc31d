// Seeds that are plugins: build/tests/plugins, named as one more corpus folder.
// A plugin file, and a manifest's text, that nobody trusts.
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/plugins/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("{")) {
    auto manifest = ktl::parse_manifest(text);
    return manifest.ok() && manifest->id.empty() ? -1 : 0;
  }
  static const ktl::UniqueFd file(memfd_create("manifest", MFD_CLOEXEC));
  if (ftruncate(file.get(), 0) == 0 && pwrite(file.get(), data, size, 0) >= 0) {
    auto manifest = ktl::read_manifest(file.get());
    return manifest.ok() && manifest->id.empty() ? -1 : 0;
  }
  return 0;
}
