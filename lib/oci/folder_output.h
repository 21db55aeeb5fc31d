// Writes an image into a folder that is, or becomes, an OCI image layout.
#pragma once

#include <filesystem>
#include <vector>

#include "base/status.h"
#include "oci/layout_image.h"

namespace ktl::oci {

// kFresh: the folder does not exist, or is empty. kLayout: it is an image layout to be added to.
enum class FolderState { kFresh, kLayout };

// kFailedPrecondition when there is something else: a file, or a folder with other content, which
// ktl will not write into.
Result<FolderState> judge_folder(const std::filesystem::path& folder);

// One write in two steps. A new folder is prepared beside its place and renamed; into an existing
// layout the blobs go first, unseen, and index.json is replaced last. The caller holds the
// OutputLock. Not thread-safe.
class FolderOutput {
 public:
  static Result<FolderOutput> stage(const std::filesystem::path& folder, const BlobFolder& store,
                                    const LayoutImage& image);

  // An image of the same name is replaced, and what only it needed is removed: writing again and
  // again does not let the folder grow. A failure leaves the old content.
  Status commit();
  // Removes what stage made; after a commit it does nothing.
  void rollback();

 private:
  FolderOutput(std::filesystem::path folder, std::vector<Descriptor> entries)
      : folder_(std::move(folder)), entries_(std::move(entries)) {}
  Status stage_fresh(const BlobFolder& store, const LayoutImage& image);
  Status stage_into(const BlobFolder& store, const LayoutImage& image);
  Status commit_fresh();
  Status commit_into();

  std::filesystem::path folder_;
  std::vector<Descriptor> entries_;
  std::filesystem::path temp_;               // kFresh
  std::vector<std::filesystem::path> made_;  // kLayout: blobs that were not there
};

}  // namespace ktl::oci
