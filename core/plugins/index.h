// What ktl remembers of plugin files: manifest and sha256, so that none is read or hashed twice.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "core/plugins/manifest.h"

namespace ktl {

// What is known of one file.
struct KnownPlugin {
  Manifest manifest;
  std::string sha256;  // 64 hex digits
};

// The file docs/schema/plugin-index-1.json, keyed by what fstat(2) says of a plugin: device, inode,
// size, mtime and ctime. Whoever can write a file without moving its ctime can write anything of
// the user's, so the stamp is as good as the content; --secure and --sign hash again nevertheless.
//
// The index is opened later than it was written and is believed only if it and its folder belong to
// the effective user and nobody else can write to them, it is at most 4 MiB, and follows its
// schema; otherwise it starts empty and warning() says why. Thread rule: one thread.
class PluginIndex {
 public:
  // Reads `file`, which may be missing. `file` empty: remembers nothing beyond this object.
  explicit PluginIndex(std::filesystem::path file = {}, const Clock& clock = system_clock());

  // Manifest and sha256 of the plugin behind `fd` (borrowed): from the index when it is there, else
  // read and hashed. Fails as read_manifest does; what fails is not remembered.
  Result<KnownPlugin> look(int fd);

  // Writes what is new, in one step; nothing when nothing is. A failure costs time and nothing
  // else. Files seen by this object come first; others stay as long as there is room.
  Status save();

  // One sentence when the index was there and was not believed, else empty.
  [[nodiscard]] const std::string& warning() const { return warning_; }

 private:
  struct Entry {
    std::string stamp;
    std::string sha256;
    json::value manifest;
    bool seen = false;
  };

  Status read();
  Status parse(std::string_view text);
  [[nodiscard]] std::optional<KnownPlugin> find(const std::string& stamp);
  [[nodiscard]] std::string text() const;

  const std::filesystem::path file_;
  const Clock& clock_;
  std::vector<Entry> entries_;
  std::string warning_;
  bool changed_ = false;
};

}  // namespace ktl
