#define BOOST_DLL_USE_STD_FS
#include "core/plugins/load.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "base/sha256.h"
#include "core/plugins/verify.h"

namespace ktl {
namespace {

// Never unloaded: g++ marks some symbols STB_GNU_UNIQUE, and then dlclose(3) leaves half of it
// there; so the library objects are kept beyond the end of everything.
const boost::dll::shared_library* keep(std::unique_ptr<boost::dll::shared_library> library) {
  static std::mutex mutex;
  static auto* kept = new std::vector<std::unique_ptr<boost::dll::shared_library>>;
  const std::lock_guard lock(mutex);
  return kept->emplace_back(std::move(library)).get();
}

Result<const boost::dll::shared_library*> load_library(int fd, const std::string& path) {
  namespace dll = boost::dll;
  dll::fs::error_code error;
  auto library = std::make_unique<dll::shared_library>();
  library->load("/proc/self/fd/" + std::to_string(fd),
                dll::load_mode::rtld_now | dll::load_mode::rtld_local, error);
  if (error) {
    const char* reason = dlerror();
    return Status(Code::kFailedPrecondition,
                  path + " cannot be loaded: " + (reason == nullptr ? error.message() : reason));
  }
  return keep(std::move(library));
}

}  // namespace

Result<std::string> plugin_sha256(const PluginFile& file) {
  return file.sha256.empty() ? sha256_hex_of_fd(file.fd.get()) : Result<std::string>(file.sha256);
}

Result<PluginCode> load_plugin(PluginFile file, const LoadRules& rules) {
  KTL_TRY(Status(file.fault));
  PluginCode code;
  code.manifest = std::move(file.manifest);
  code.path = file.path;
  KTL_ASSIGN(code.sha256, plugin_sha256(file));
  KTL_TRY(verify_pin(code.sha256, rules.pin, file.path, rules.origin));
  // The linker knows a library by the name it was opened with: were the descriptor's number used
  // again, "/proc/self/fd/7" would silently be the first plugin once more. So it is never closed.
  int fd = file.fd.release();
  KTL_ASSIGN(const auto* library, load_library(fd, file.path));
  if (!library->has(KTL_PLUGIN_ENTRY)) {
    return Status(Code::kFailedPrecondition,
                  "not a ktl plugin: " + file.path + " has no symbol " KTL_PLUGIN_ENTRY);
  }
  code.entry = &library->get<const ktl_plugin_draft>(KTL_PLUGIN_ENTRY);
  KTL_TRY(check_entry(code));
  return code;
}

}  // namespace ktl
