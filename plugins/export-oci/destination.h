// A folder, a tar file or stdout, as the user named it with --oci or --output.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "files_output.h"
#include "oci/folder_output.h"
#include "oci/layout_image.h"
#include "oci/output_lock.h"
#include "oci/tar_output.h"
#include "output_note.h"
#include "wish.h"

namespace ktl::export_oci {

// Says early what would fail late: a place that cannot be written, a folder with other content, a
// file where a folder should be. Changes nothing.
Status check_destination(const Place& place);

// What the destination occupies inside `context`, relative to it: itself and the names it is
// prepared under. Empty when it lies outside. Symlinks are resolved on both sides.
std::vector<std::string> inside_context(const std::filesystem::path& destination,
                                        const std::filesystem::path& context);

// One write: stage, then commit or rollback. Holds the output's lock from stage to its end.
class Destination {
 public:
  // What is written, and where it may be prepared.
  struct Content {
    const oci::BlobFolder& store;
    const oci::LayoutImage& image;
    std::vector<std::filesystem::path> files;  // "files" of ktl.solved/1
    std::filesystem::path cache;               // for what goes to stdout or to docker
    std::filesystem::path notes;               // where it is noted what is being written
  };

  // Missing parent folders are made. Waits for another ktl that writes there, up to ten minutes.
  static Result<Destination> stage(const Place& place, const Content& content,
                                   const std::function<bool()>& stop);
  Status commit();
  void rollback();
  // What is in Content::cache is nobody else's as long as this lives.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Destination(std::filesystem::path path, bool to_stdout, OutputNote::Kind kind)
      : path_(std::move(path)), to_stdout_(to_stdout), kind_(kind) {}
  Status write(const Place& place, const Content& content);
  Status print();
  Status make_parents();
  void remove_parents();
  void release();

  std::filesystem::path path_;
  bool to_stdout_;
  OutputNote::Kind kind_;
  std::vector<std::filesystem::path> parents_;  // made by us, outermost first
  std::optional<oci::OutputLock> lock_;
  std::optional<OutputNote> note_;
  std::variant<std::monostate, oci::FolderOutput, oci::TarOutput, FilesOutput> output_;
};

}  // namespace ktl::export_oci
