#include "core/project/trust.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "base/json.h"
#include "core/document/fields.h"
#include "core/document/schemas.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 4U << 20U;
constexpr size_t kMaxFiles = 1000;

Status check_private(int fd, const fs::path& file) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return errno_status("fstat " + file.native(), errno).at(file.native());
  }
  if (S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 077) == 0) {
    return {};
  }
  return Status(Code::kPermissionDenied,
                "the record of trusted project files is not yours alone to change")
      .at(file.native())
      .advise("remove it and trust the files again, or give it mode 0600");
}

// Missing is empty.
Result<json::array> read_records(const fs::path& file) {
  auto opened = open_file(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!opened.ok()) {
    bool missing = opened.status().code() == Code::kNotFound;
    return missing ? Result<json::array>(json::array())
                   : Result<json::array>(std::move(opened).status().at(file.native()));
  }
  KTL_TRY(check_private(opened->get(), file));
  auto text = read_all(opened->get(), kMaxBytes);
  auto document = text.ok() ? parse_json(*text, kMaxBytes) : Result<json::value>(text.status());
  Status valid = document.ok() ? check_document("trust-1", *document) : document.status();
  if (!valid.ok()) {
    return Status(Code::kInvalidArgument,
                  "the record of trusted project files is damaged: " + valid.message())
        .at(file.native())
        .advise("remove it and trust the files again");
  }
  return array_of(*document, "files");
}

bool is_about(const json::value& record, std::string_view project) {
  return text_of(record, "path") == project;
}

// The records about every other file.
json::array without(const json::array& files, std::string_view name) {
  json::array kept;
  for (const json::value& each : files) {
    if (!is_about(each, name)) {
      kept.push_back(each);
    }
  }
  return kept;
}

// Keeps other ktl processes from writing between our reading and our writing.
Result<UniqueFd> lock_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return errno_status("make the folder " + folder.native(), error.value()).at(folder.native());
  }
  KTL_ASSIGN(UniqueFd opened, open_file(folder, O_RDONLY | O_DIRECTORY));
  while (::flock(opened.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return errno_status("lock " + folder.native(), errno).at(folder.native());
    }
  }
  return opened;
}

Status write_records(const fs::path& file, json::array files) {
  json::object document{{"schema", "ktl.trust/1"}, {"files", std::move(files)}};
  return write_file_atomic(file, pretty_json(document), 0600);
}

// One file has one name here, however it was reached.
Result<std::string> name_of(const fs::path& project) {
  std::error_code error;
  fs::path resolved = fs::canonical(project, error);
  return error
             ? Result<std::string>(
                   errno_status("look at " + project.native(), error.value()).at(project.native()))
             : Result<std::string>(resolved.native());
}

}  // namespace

Result<Trust> TrustRecords::look_up(const fs::path& project, std::string_view sha256) const {
  KTL_ASSIGN(json::array files, read_records(file_));
  if (files.empty()) {
    return Trust::kNever;
  }
  KTL_ASSIGN(std::string name, name_of(project));
  auto found = std::ranges::find_if(files, [&](const auto& each) { return is_about(each, name); });
  if (found == files.end()) {
    return Trust::kNever;
  }
  return text_of(*found, "sha256") == sha256 ? Trust::kYes : Trust::kChanged;
}

Status TrustRecords::record(const fs::path& project, std::string_view sha256) const {
  KTL_ASSIGN(std::string name, name_of(project));
  KTL_ASSIGN(UniqueFd lock, lock_folder(file_.parent_path()));
  KTL_ASSIGN(json::array files, read_records(file_));
  json::array kept = without(files, name);
  if (kept.size() >= kMaxFiles) {
    return Status(Code::kResourceExhausted, "1000 project files are trusted already")
        .at(file_.native())
        .advise("forget some: ktl config trust --forget FILE");
  }
  kept.push_back(json::object{{"path", name}, {"sha256", sha256}});
  return write_records(file_, std::move(kept));
}

Result<bool> TrustRecords::forget(const fs::path& project) const {
  // A file that is gone may be forgotten as well.
  std::error_code ignored;
  std::string name = fs::weakly_canonical(project, ignored).native();
  KTL_ASSIGN(UniqueFd lock, lock_folder(file_.parent_path()));
  KTL_ASSIGN(json::array files, read_records(file_));
  json::array kept = without(files, name);
  if (kept.size() == files.size()) {
    return false;
  }
  KTL_TRY(write_records(file_, std::move(kept)));
  return true;
}

}  // namespace ktl
