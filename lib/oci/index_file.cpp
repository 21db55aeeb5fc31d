#include "oci/index_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "oci/media_types.h"

namespace ktl::oci {
namespace {

constexpr std::string_view kLayoutText = R"({"imageLayoutVersion":"1.0.0"})";
constexpr size_t kMaxLayoutFile = 4096;

Status write_when_missing(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  return std::filesystem::exists(path, error) ? Status() : write_file_atomic(path, text);
}

Status check_layout_file(const std::filesystem::path& folder) {
  auto text = read_file(folder / "oci-layout", kMaxLayoutFile);
  if (!text.ok()) {
    return {Code::kNotFound, folder.string() + " is not an OCI image layout"};
  }
  auto document = parse_json(*text, kMaxLayoutFile);
  if (!document.ok() || !text_of(*document, "imageLayoutVersion").starts_with("1.")) {
    return {Code::kNotFound,
            folder.string() + " is not an OCI image layout of version 1: see its oci-layout"};
  }
  return {};
}

// Held until the descriptor closes.
Result<UniqueFd> lock_folder(const std::filesystem::path& folder) {
  KTL_ASSIGN(UniqueFd lock, open_file(folder, O_RDONLY | O_DIRECTORY));
  while (::flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return errno_status("lock " + folder.string(), errno);
    }
  }
  return lock;
}

std::string annotation(const Descriptor& entry, std::string_view key) {
  auto found = entry.annotations.find(std::string(key));
  return found == entry.annotations.end() ? "" : found->second;
}

}  // namespace

std::string_view layout_file_text() { return kLayoutText; }

Status make_layout_files(const std::filesystem::path& folder) {
  // Locked: an empty index.json must not land on one that another ktl just filled.
  KTL_ASSIGN(UniqueFd lock, lock_folder(folder));
  KTL_TRY(write_when_missing(folder / "oci-layout", kLayoutText));
  Index empty;
  return write_when_missing(folder / "index.json", to_text(empty));
}

Result<Index> read_index_file(const std::filesystem::path& folder) {
  KTL_TRY(check_layout_file(folder));
  auto path = folder / "index.json";
  KTL_ASSIGN(std::string text, read_file(path, kMaxManifestBytes));
  auto index = parse_index(text);
  if (!index.ok()) {
    return std::move(index).status().at(path.string());
  }
  return index;
}

Status update_index_file(const std::filesystem::path& folder,
                         const std::function<Status(Index&)>& change) {
  KTL_ASSIGN(UniqueFd lock, lock_folder(folder));
  KTL_ASSIGN(Index index, read_index_file(folder));
  std::string before = to_text(index);
  KTL_TRY(change(index));
  std::string after = to_text(index);
  return before == after ? Status() : write_file_atomic(folder / "index.json", after);
}

Descriptor named(Descriptor root, const Reference& name, NameStyle style) {
  std::string full = name.str();
  root.annotations[std::string(kImageNameAnnotation)] = full;
  root.annotations[std::string(kRefNameAnnotation)] = style == NameStyle::kFull ? full : name.tag;
  return root;
}

std::string entry_name(const Descriptor& entry) {
  std::string full = annotation(entry, kImageNameAnnotation);
  return full.empty() ? annotation(entry, kRefNameAnnotation) : full;
}

const Descriptor* find_entry(const Index& index, const Reference& name) {
  for (const auto& entry : index.manifests) {
    if (entry_name(entry) == name.str()) {
      return &entry;
    }
  }
  return nullptr;
}

bool put_entry(Index& index, const Descriptor& entry) {
  std::string name = entry_name(entry);
  std::erase_if(index.manifests,
                [&](const Descriptor& old) { return entry_name(old) == name && !(old == entry); });
  auto same = std::find(index.manifests.begin(), index.manifests.end(), entry);
  if (same != index.manifests.end()) {
    return false;
  }
  index.manifests.push_back(entry);
  return true;
}

}  // namespace ktl::oci
