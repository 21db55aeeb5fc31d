// An archive of a lock comes from another machine.
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "lock/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path folder = [] {
    std::string name = std::filesystem::temp_directory_path() / "ktl-fuzz-XXXXXX";
    return std::filesystem::path(::mkdtemp(name.data()));
  }();
  static const auto store = ktl::oci::Store::open(folder, ktl::oci::Durability::kFast);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!store.ok() || !ktl::write_file_atomic(folder / "archive", bytes).ok()) {
    return 0;
  }
  const auto text = ktl::lock::read_archive(folder / "archive", *store);
  if (text.ok() && !ktl::lock::parse_lock(*text).ok()) {
    __builtin_trap();
  }
  return 0;
}
