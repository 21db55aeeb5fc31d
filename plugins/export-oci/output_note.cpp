#include "output_note.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/sha256.h"
#include "oci/output_lock.h"

namespace ktl::export_oci {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNote = 8192;  // a word and a path of at most PATH_MAX bytes
constexpr std::string_view kDestination = "destination\n";
constexpr std::string_view kTemporary = "temporary\n";
constexpr const char* kBlobs = "blobs/sha256";
constexpr std::string_view kBlobTemp = ".ktl-tmp";
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

// A layout that was there before gets its blobs one by one. It may lie in a hostile context: no
// link of it leads anywhere else.
void remove_half_blobs(const fs::path& layout) {
  const auto root = open_file(layout, kFolder);
  const Result<UniqueFd> blobs =
      root.ok() ? open_beneath(root->get(), kBlobs, kFolder) : Result<UniqueFd>(root.status());
  if (!blobs.ok()) {
    return;
  }
  std::error_code ignored;
  const fs::path opened = "/proc/self/fd/" + std::to_string(blobs->get());
  for (const auto& entry : fs::directory_iterator(opened, ignored)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(kBlobTemp)) {
      ::unlinkat(blobs->get(), name.c_str(), 0);
    }
  }
}

void sweep(const fs::path& path, bool whole) {
  std::error_code ignored;
  fs::remove_all(oci::OutputLock::temp_name(path), ignored);
  if (whole) {
    fs::remove(path, ignored);
  } else {
    remove_half_blobs(path);
  }
}

// False: somebody writes there now, and will remove the note.
bool take_up(const std::string& note) {
  const bool whole = note.starts_with(kTemporary);
  if (!whole && !note.starts_with(kDestination)) {
    return true;
  }
  const fs::path path = note.substr(note.find('\n') + 1);
  if (path.is_relative() || !path.has_filename()) {
    return true;
  }
  auto lock = oci::OutputLock::acquire(path, 0, [] { return false; });
  if (lock.ok()) {
    sweep(path, whole);
  }
  return lock.ok() || lock.status().code() == Code::kNotFound;
}

}  // namespace

Result<OutputNote> OutputNote::make(const fs::path& folder, const fs::path& path, Kind kind) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("make " + folder.string(), errno);
  }
  fs::path file =
      folder / (sha256_hex(path.native()).substr(0, 16) + "-" + std::to_string(::getpid()));
  const std::string word(kind == Kind::kTemporary ? kTemporary : kDestination);
  // Not synced: it tells of a process that was killed, and nothing after a power cut.
  KTL_ASSIGN(const UniqueFd fd, open_file(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
  OutputNote note(std::move(file));
  KTL_TRY(write_all(fd.get(), word + path.native()));
  return note;
}

OutputNote::OutputNote(OutputNote&& other) noexcept : file_(std::exchange(other.file_, {})) {}

OutputNote::~OutputNote() {
  if (!file_.empty()) {
    ::unlink(file_.c_str());
  }
}

void sweep_outputs(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto note = read_file(entry.path(), kMaxNote);
    if (note.ok() && take_up(*note)) {
      fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace ktl::export_oci
