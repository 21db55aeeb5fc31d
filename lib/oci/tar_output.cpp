#include "oci/tar_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "oci/index_file.h"
#include "oci/media_types.h"
#include "oci/output_lock.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;
constexpr size_t kBlock = 512;
constexpr int64_t kMaxOctalSize = 077777777777;  // 8 GiB - 1: eleven octal digits

std::string padding(int64_t size) {
  return std::string((kBlock - static_cast<size_t>(size) % kBlock) % kBlock, '\0');
}

// Offsets and widths are those of the ustar header block.
std::string block(std::string_view name, char type, uint32_t mode, int64_t size) {
  std::string header(kBlock, '\0');
  auto put = [&](size_t offset, std::string_view text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<ptrdiff_t>(offset));
  };
  put(0, name);
  put(100, fmt::format("{:07o}", mode));
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, "00000000000");
  put(148, "        ");
  put(156, std::string_view(&type, 1));
  put(257, std::string_view("ustar\00000", 8));
  put(329, "0000000");
  put(337, "0000000");
  unsigned sum = 0;
  for (char byte : header) {
    sum += static_cast<unsigned char>(byte);
  }
  put(148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return header;
}

// "<length> size=<size>\n", where <length> counts itself.
std::string pax_size(int64_t size) {
  std::string rest = fmt::format(" size={}\n", size);
  size_t length = rest.size() + 2;
  return std::to_string(length) + rest;
}

Status write_entry(int fd, std::string_view name, std::string_view bytes) {
  auto size = static_cast<int64_t>(bytes.size());
  KTL_TRY(write_all(fd, tar_header(name, 0444, size)));
  KTL_TRY(write_all(fd, bytes));
  return write_all(fd, padding(size));
}

Status write_blob(int fd, const BlobFolder& store, const Descriptor& blob) {
  KTL_ASSIGN(UniqueFd source, store.open_blob(blob.digest));
  KTL_TRY(write_all(fd, tar_header(BlobFolder::path_of(blob.digest), 0444, blob.size)));
  KTL_TRY(copy_bytes(source.get(), fd, blob.size));
  return write_all(fd, padding(blob.size));
}

std::string index_text(const std::vector<Descriptor>& entries) {
  Index index;
  index.manifests = entries;
  return to_text(index);
}

// What `docker load` looks for: the config, the layers in order and the names, as paths in the
// archive (https://github.com/moby/docker-image-spec, "combined image JSON + filesystem").
Result<std::string> docker_manifest(const BlobFolder& store, const LayoutImage& image) {
  if (is_index_type(image.root.media_type)) {
    return Status(Code::kInvalidArgument, "docker loads images of one platform only")
        .advise("build with one --platform, or write type=oci");
  }
  KTL_ASSIGN(const std::string text, store.read(image.root.digest, kMaxManifestBytes));
  KTL_ASSIGN(const Manifest manifest, parse_manifest(text));
  json::array layers;
  for (const Descriptor& layer : manifest.layers) {
    layers.emplace_back(BlobFolder::path_of(layer.digest));
  }
  json::array names;
  for (const Descriptor& entry : image.entries) {
    auto name = parse_reference(entry_name(entry));
    if (name.ok() && !name->tag.empty()) {
      names.emplace_back(name->familiar());
    }
  }
  return json::serialize(
      json::array{json::object{{"Config", BlobFolder::path_of(manifest.config.digest)},
                               {"RepoTags", std::move(names)},
                               {"Layers", std::move(layers)}}});
}

}  // namespace

std::string tar_header(std::string_view name, uint32_t mode, int64_t size) {
  char type = name.ends_with('/') ? '5' : '0';
  if (size <= kMaxOctalSize) {
    return block(name, type, mode, size);
  }
  std::string extra = pax_size(size);
  auto length = static_cast<int64_t>(extra.size());
  return block("PaxHeaders/size", 'x', 0444, length) + extra + padding(length) +
         block(name, type, mode, 0);
}

TarOutput::TarOutput(fs::path file) : file_(std::move(file)), temp_(OutputLock::temp_name(file_)) {}

Result<TarOutput> TarOutput::stage(const fs::path& file, const BlobFolder& store,
                                   const LayoutImage& image, TarFlavour flavour) {
  TarOutput output(file);
  Status status = output.write(store, image, flavour);
  if (!status.ok()) {
    output.rollback();
    return std::move(status).in(file.string());
  }
  return output;
}

Status TarOutput::write(const BlobFolder& store, const LayoutImage& image, TarFlavour flavour) {
  ::unlink(temp_.c_str());  // of a ktl that was killed: we hold the lock
  KTL_ASSIGN(UniqueFd fd, open_file(temp_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666));
  KTL_TRY(write_all(fd.get(), tar_header("blobs/", 0755, 0)));
  KTL_TRY(write_all(fd.get(), tar_header("blobs/sha256/", 0755, 0)));
  auto blobs = image.blobs;
  std::sort(blobs.begin(), blobs.end(),
            [](const Descriptor& a, const Descriptor& b) { return a.digest < b.digest; });
  for (const auto& blob : blobs) {
    KTL_TRY(write_blob(fd.get(), store, blob));
  }
  KTL_TRY(write_entry(fd.get(), "index.json", index_text(image.entries)));
  if (flavour == TarFlavour::kDocker) {
    KTL_ASSIGN(const std::string text, docker_manifest(store, image));
    KTL_TRY(write_entry(fd.get(), "manifest.json", text));
  }
  KTL_TRY(write_entry(fd.get(), "oci-layout", layout_file_text()));
  KTL_TRY(write_all(fd.get(), std::string(2 * kBlock, '\0')));
  return ::fdatasync(fd.get()) == 0 ? Status() : errno_status("write", errno);
}

Status TarOutput::commit() {
  if (::rename(temp_.c_str(), file_.c_str()) != 0) {
    return errno_status("rename " + temp_.string() + " to " + file_.string(), errno);
  }
  temp_.clear();
  return {};
}

void TarOutput::rollback() {
  if (!temp_.empty()) {
    ::unlink(temp_.c_str());
    temp_.clear();
  }
}

}  // namespace ktl::oci
