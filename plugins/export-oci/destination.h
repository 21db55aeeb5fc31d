// A folder or a tar file that the user named with --oci.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "oci/folder_output.h"
#include "oci/layout_image.h"
#include "oci/output_lock.h"
#include "oci/tar_output.h"

namespace ktl::export_oci {

// "FILE.tar" is a file, everything else a folder.
bool is_tar(const std::filesystem::path& destination);

// Says early what would fail late: a place that cannot be written, a folder with other content, a
// file where a folder should be. Changes nothing.
Status check_destination(const std::filesystem::path& destination);

// What the destination occupies inside `context`, relative to it: itself and the names it is
// prepared under. Empty when it lies outside. Symlinks are resolved on both sides.
std::vector<std::string> inside_context(const std::filesystem::path& destination,
                                        const std::filesystem::path& context);

// One write: stage, then commit or rollback. Holds the output's lock from stage to its end.
class Destination {
 public:
  // Missing parent folders are made. Waits for another ktl that writes there, up to ten minutes.
  static Result<Destination> stage(const std::filesystem::path& path, const oci::BlobFolder& store,
                                   const oci::LayoutImage& image,
                                   const std::function<bool()>& stop);
  Status commit();
  void rollback();

 private:
  explicit Destination(std::filesystem::path path) : path_(std::move(path)) {}
  Status make_parents();
  void remove_parents();

  std::filesystem::path path_;
  std::vector<std::filesystem::path> parents_;  // made by us, outermost first
  std::optional<oci::OutputLock> lock_;
  std::variant<std::monostate, oci::FolderOutput, oci::TarOutput> output_;
};

}  // namespace ktl::export_oci
