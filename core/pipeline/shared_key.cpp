#include "core/pipeline/shared_key.h"

#include <unistd.h>

#include <array>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl {

std::string shared_key(std::string_view machine_id, const std::filesystem::path& context) {
  std::string text =
      "ktl shared key\n" + std::string(machine_id) + "\n" + context.lexically_normal().string();
  return sha256_hex(text);
}

std::string machine_id() {
  for (const char* file : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    auto id = read_file(file, 4096);
    if (id.ok() && id->size() >= 32) {
      return id->substr(0, 32);
    }
  }
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name[0] == '\0' ? "localhost" : name.data();
}

}  // namespace ktl
