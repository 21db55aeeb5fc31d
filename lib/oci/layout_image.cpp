#include "oci/layout_image.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "oci/index_file.h"
#include "oci/walk.h"

namespace ktl::oci {
namespace {

Status copy_by_hand(int from, int to, int64_t left) {
  std::vector<char> buffer(1U << 18U);
  while (left > 0) {
    ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return n < 0 ? errno_status("read from the store", errno)
                   : Status(Code::kDataLoss, "a blob of the store is shorter than it should be");
    }
    KTL_TRY(write_all(to, {buffer.data(), static_cast<size_t>(n)}));
    left -= n;
  }
  return {};
}

// A new blob of `to` with the bytes of `from`, under a name of its own until it is whole.
Status copy_blob(int from, const BlobFolder& to, const std::string& name, int64_t size) {
  std::string temp = name + ".ktl-tmp";
  ::unlinkat(to.root(), temp.c_str(), 0);
  KTL_ASSIGN(UniqueFd fd,
             open_beneath(to.root(), temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  Status status;
  if (::ioctl(fd.get(), FICLONE, from) != 0) {
    status = copy_bytes(from, fd.get(), size);
  }
  if (status.ok() && ::fdatasync(fd.get()) != 0) {
    status = errno_status("write " + name, errno);
  }
  if (status.ok() && ::renameat(to.root(), temp.c_str(), to.root(), name.c_str()) != 0) {
    status = errno_status("rename to " + name, errno);
  }
  if (!status.ok()) {
    ::unlinkat(to.root(), temp.c_str(), 0);
  }
  return status;
}

}  // namespace

Status copy_bytes(int from, int to, int64_t size) {
  int64_t left = size;
  while (left > 0) {
    ssize_t n = ::copy_file_range(from, nullptr, to, nullptr, static_cast<size_t>(left), 0);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      // Not between these filesystems, or at the end: reading tells which.
      return copy_by_hand(from, to, left);
    }
    left -= n;
  }
  return {};
}

Result<LayoutImage> layout_image(const BlobFolder& store, const Descriptor& root,
                                 const std::vector<Reference>& names) {
  LayoutImage image;
  image.root = root;
  KTL_ASSIGN(image.blobs, walk(root, documents_of(store)));
  for (const auto& blob : image.blobs) {
    KTL_ASSIGN(int64_t size, store.size(blob.digest));
    if (size != blob.size) {
      return Status(Code::kDataLoss, blob.digest + " has " + std::to_string(size) +
                                         " bytes in the store, its descriptor says " +
                                         std::to_string(blob.size));
    }
  }
  for (const auto& name : names) {
    image.entries.push_back(named(root, name, NameStyle::kTag));
  }
  if (names.empty()) {
    image.entries.push_back(root);
  }
  return image;
}

Result<bool> place_blob(const BlobFolder& from, const BlobFolder& to, const Descriptor& blob) {
  auto there = to.size(blob.digest);
  if (there.ok() && *there == blob.size) {
    return false;
  }
  KTL_ASSIGN(UniqueFd source, from.open_blob(blob.digest));
  std::string name = BlobFolder::path_of(blob.digest);
  struct stat origin{};
  struct stat goal{};
  bool one_disk = ::fstat(source.get(), &origin) == 0 && ::fstat(to.root(), &goal) == 0 &&
                  origin.st_dev == goal.st_dev && !there.ok();
  if (one_disk && ::linkat(from.root(), name.c_str(), to.root(), name.c_str(), 0) == 0) {
    return true;
  }
  KTL_TRY(copy_blob(source.get(), to, name, blob.size));
  return true;
}

}  // namespace ktl::oci
