#include "oci/blob_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/sha256.h"

namespace ktl::oci {

Result<BlobFolder> BlobFolder::open(const std::filesystem::path& folder) {
  KTL_ASSIGN(UniqueFd root, open_file(folder, O_RDONLY | O_DIRECTORY));
  return BlobFolder(std::move(root));
}

std::string BlobFolder::path_of(std::string_view digest) {
  return "blobs/sha256/" + std::string(digest.substr(digest.find(':') + 1));
}

Result<UniqueFd> BlobFolder::open_blob(std::string_view digest) const {
  if (!is_digest(digest)) {
    return Status(Code::kInvalidArgument, "not a digest sha256:<64 hex digits>");
  }
  auto fd = open_beneath(root_.get(), path_of(digest), O_RDONLY | O_NONBLOCK);
  if (!fd.ok() && fd.status().code() == Code::kNotFound) {
    return Status(Code::kNotFound, std::string(digest) + " is not in the store");
  }
  return fd;
}

Result<int64_t> BlobFolder::size(std::string_view digest) const {
  KTL_ASSIGN(UniqueFd fd, open_blob(digest));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) {
    return errno_status("stat " + std::string(digest), errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(Code::kDataLoss, std::string(digest) + " is not a file in the store");
  }
  return static_cast<int64_t>(info.st_size);
}

Result<std::string> BlobFolder::read(std::string_view digest, size_t limit) const {
  KTL_ASSIGN(UniqueFd fd, open_blob(digest));
  auto bytes = read_all(fd.get(), limit);
  if (!bytes.ok()) {
    return std::move(bytes).status().in(digest);
  }
  if (digest_of(*bytes) != digest) {
    return Status(Code::kDataLoss,
                  std::string(digest) + " is damaged: its bytes have another digest");
  }
  return bytes;
}

}  // namespace ktl::oci
