#include "cli/commands/lock_files.h"

#include <algorithm>

#include "base/fd.h"
#include "core/plugins/host.h"
#include "lock/archive.h"
#include "lock/kept_content.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

Result<oci::Store> open_kept() {
  KTL_ASSIGN(const PluginFolders folders, default_plugin_folders());
  return oci::Store::open(lock::kept_folder(folders.state));
}

Result<std::string> text_at(const fs::path& place) {
  auto text = read_file(place, lock::kMostBytes);
  return text.status().code() == Code::kNotFound
             ? Status(Code::kInvalidArgument, place.string() + " is not there")
                   .advise("ktl lock writes it")
             : std::move(text);
}

void merge_pairs(const char* what, std::map<std::string, std::string>& to,
                 const std::map<std::string, std::string>& from, lock::Lock& lock) {
  for (const auto& [name, digest] : from) {
    const auto [at, fresh] = to.emplace(name, digest);
    if (!fresh && at->second != digest) {
      lock.not_lockable.push_back({"", what, name, "two targets got two contents from it"});
    }
  }
}

}  // namespace

Result<fs::path> lock_place(const Request& request) {
  if (request.context_kind == "folder") {
    return fs::path(request.context) / lock::kLockFile;
  }
  return Status(Code::kInvalidArgument,
                "ktl.lock lies in the root of the context, and this one is no folder")
      .advise("fetch the context and name its folder");
}

void merge_lock(lock::Lock& to, lock::Lock from) {
  merge_pairs("FROM", to.images, from.images, to);
  merge_pairs("ADD", to.files, from.files, to);
  merge_pairs("ADD", to.repositories, from.repositories, to);
  for (lock::Download& one : from.downloads) {
    const lock::Download* other = to.find(one.step, one.url);
    if (other == nullptr) {
      to.downloads.push_back(std::move(one));
    } else if (other->digest != one.digest) {
      to.not_lockable.push_back({one.step, "GET", one.url, "two targets got two contents from it"});
    }
  }
  to.not_lockable.insert(to.not_lockable.end(), from.not_lockable.begin(), from.not_lockable.end());
}

Status write_lock(const fs::path& place, const lock::Lock& lock) {
  const std::string text = lock::to_text(lock);
  if (const auto again = lock::parse_lock(text); !again.ok()) {
    return Status(
        Code::kResourceExhausted,
        "what this build is made from does not fit into a ktl.lock: " + again.status().message());
  }
  return write_file_atomic(place, text);
}

Status export_lock(const fs::path& place, const fs::path& file) {
  KTL_ASSIGN(const std::string text, text_at(place));
  KTL_TRY(lock::parse_lock(text).status());
  KTL_ASSIGN(const oci::Store store, open_kept());
  return lock::write_archive(file, text, store);
}

Status import_lock(const fs::path& place, const fs::path& file) {
  KTL_ASSIGN(const oci::Store store, open_kept());
  KTL_ASSIGN(const std::string text, lock::read_archive(file, store));
  const auto there = read_file(place, lock::kMostBytes);
  if (there.ok() && *there != text) {
    return Status(Code::kInvalidArgument,
                  "another ktl.lock is there already; it stays, and the "
                  "content of the archive is kept")
        .at(place.string())
        .advise("remove it first, if the archive's is the right one");
  }
  return there.ok() ? Status() : write_file_atomic(place, text);
}

}  // namespace ktl::cli
