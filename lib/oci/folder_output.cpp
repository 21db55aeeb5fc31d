#include "oci/folder_output.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "oci/index_file.h"
#include "oci/output_lock.h"
#include "oci/prune.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;

Status make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0) {
    return errno_status("create folder " + folder.string(), errno);
  }
  return {};
}

Status place_all(const BlobFolder& store, const fs::path& folder, const LayoutImage& image,
                 std::vector<fs::path>& made) {
  KTL_ASSIGN(BlobFolder to, BlobFolder::open(folder));
  for (const auto& blob : image.blobs) {
    auto placed = place_blob(store, to, blob);
    if (!placed.ok()) {
      return std::move(placed).status().in(folder.string());
    }
    if (*placed) {
      made.push_back(folder / BlobFolder::path_of(blob.digest));
    }
  }
  return {};
}

Status sync_folder(const fs::path& folder) {
  KTL_ASSIGN(UniqueFd fd, open_file(folder, O_RDONLY | O_DIRECTORY));
  return ::fsync(fd.get()) == 0 ? Status() : errno_status("write " + folder.string(), errno);
}

}  // namespace

Result<FolderState> judge_folder(const fs::path& folder) {
  std::error_code error;
  auto kind = fs::status(folder, error).type();
  if (kind == fs::file_type::not_found) {
    return FolderState::kFresh;
  }
  if (kind != fs::file_type::directory) {
    return Status(Code::kFailedPrecondition, folder.string() + " is not a folder")
        .advise("name a folder, or a file that ends in .tar");
  }
  bool empty = fs::is_empty(folder, error);
  if (error) {
    return errno_status("read " + folder.string(), error.value());
  }
  if (empty) {
    return FolderState::kFresh;
  }
  auto index = read_index_file(folder);
  if (!index.ok() && index.status().code() == Code::kNotFound) {
    return Status(Code::kFailedPrecondition,
                  folder.string() + " is neither empty nor an OCI image layout")
        .advise("name a folder that does not exist, is empty, or was written by --oci before");
  }
  KTL_TRY(std::move(index).status());
  return FolderState::kLayout;
}

Result<FolderOutput> FolderOutput::stage(const fs::path& folder, const BlobFolder& store,
                                         const LayoutImage& image) {
  KTL_ASSIGN(FolderState state, judge_folder(folder));
  FolderOutput output(folder, image.entries);
  Status status = state == FolderState::kFresh ? output.stage_fresh(store, image)
                                               : output.stage_into(store, image);
  if (!status.ok()) {
    output.rollback();
    return status;
  }
  return output;
}

Status FolderOutput::stage_fresh(const BlobFolder& store, const LayoutImage& image) {
  temp_ = OutputLock::temp_name(folder_);
  std::error_code error;
  fs::remove_all(temp_, error);  // of a ktl that was killed: we hold the lock
  for (const fs::path& part : {temp_, temp_ / "blobs", temp_ / "blobs/sha256"}) {
    KTL_TRY(make_folder(part));
  }
  std::vector<fs::path> made;
  KTL_TRY(place_all(store, temp_, image, made));
  KTL_TRY(make_layout_files(temp_));
  KTL_TRY(update_index_file(temp_, [&](Index& index) {
    for (const auto& entry : entries_) {
      put_entry(index, entry);
    }
    return Status();
  }));
  return sync_folder(temp_ / "blobs/sha256");
}

Status FolderOutput::stage_into(const BlobFolder& store, const LayoutImage& image) {
  std::error_code error;
  fs::create_directories(folder_ / "blobs/sha256", error);
  return place_all(store, folder_, image, made_);
}

Status FolderOutput::commit() { return temp_.empty() ? commit_into() : commit_fresh(); }

Status FolderOutput::commit_fresh() {
  // rename(2) takes the place of an empty folder, of nothing else.
  if (::rename(temp_.c_str(), folder_.c_str()) != 0) {
    return errno_status("rename " + temp_.string() + " to " + folder_.string(), errno);
  }
  temp_.clear();
  return sync_folder(folder_.parent_path());
}

Status FolderOutput::commit_into() {
  std::vector<Descriptor> replaced;
  Index now;
  KTL_TRY(update_index_file(folder_, [&](Index& index) {
    replaced = index.manifests;
    for (const auto& entry : entries_) {
      put_entry(index, entry);
    }
    now = index;
    return Status();
  }));
  made_.clear();
  std::erase_if(replaced, [&](const Descriptor& old) {
    return std::find(now.manifests.begin(), now.manifests.end(), old) != now.manifests.end();
  });
  // The image is there; when the old one cannot be followed, its blobs stay and harm nobody.
  (void)remove_replaced(folder_, replaced, now);
  return {};
}

void FolderOutput::rollback() {
  std::error_code ignored;
  if (!temp_.empty()) {
    fs::remove_all(temp_, ignored);
    temp_.clear();
  }
  for (const auto& blob : made_) {
    fs::remove(blob, ignored);
  }
  made_.clear();
}

}  // namespace ktl::oci
