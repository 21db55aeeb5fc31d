// Finding the project file, and whether it may be believed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "base/sha256.h"
#include "core/project/project.h"
#include "core/project/trust.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFile = 1U << 20U;
constexpr const char* kName = "ktl.yaml";

// A link that leads nowhere counts as found: what is there is looked at, not passed over.
std::optional<fs::path> found_upward(fs::path directory) {
  for (;;) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(directory / kName, error))) {
      return directory / kName;
    }
    if (!directory.has_relative_path()) {
      return std::nullopt;
    }
    directory = directory.parent_path();
  }
}

Result<struct stat> stat_of(int fd, const fs::path& file) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return errno_status("fstat " + file.native(), errno).at(file.native());
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument, "this is no regular file").at(file.native());
  }
  return info;
}

// A ktl.yaml in /tmp or in another user's folder must not steer the builds below it.
Status check_owner(int fd, const fs::path& file) {
  KTL_ASSIGN(struct stat info, stat_of(fd, file));
  bool strangers = info.st_uid != 0 && info.st_uid != ::geteuid();
  if (!strangers && (info.st_mode & S_IWOTH) == 0) {
    return {};
  }
  return Status(Code::kPermissionDenied, strangers ? "this file belongs to another user"
                                                   : "this file can be changed by everybody")
      .at(file.native())
      .advise("take it over (chown, chmod o-w) or move it away");
}

Result<std::string> read_opened(int fd, const fs::path& file) {
  auto text = read_all(fd, kMaxFile);
  return text.ok() ? std::move(text)
                   : Status(Code::kInvalidArgument, text.status().message()).at(file.native());
}

Result<std::string> read_named(const fs::path& file) {
  KTL_ASSIGN(UniqueFd opened, open_file(file, O_RDONLY | O_NONBLOCK));
  KTL_TRY(stat_of(opened.get(), file).status());
  return read_opened(opened.get(), file);
}

// What the record says about a file that was found.
Result<Trust> trust_in(const fs::path& file, std::string_view text, const fs::path& records) {
  return records.empty() ? Trust::kNever : TrustRecords(records).look_up(file, sha256_hex(text));
}

// Why it is not trusted; ok when it is.
Status distrust(Trust trust, const fs::path& file) {
  if (trust == Trust::kYes) {
    return {};
  }
  return Status(Code::kPermissionDenied, trust == Trust::kNever
                                             ? "nobody has trusted this file"
                                             : "this file has changed since it was trusted")
      .advise("read it, then: ktl config trust " + file.native());
}

}  // namespace

Result<std::string> read_trustable(const fs::path& file) {
  auto opened = open_file(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  std::error_code ignored;
  if (!opened.ok() && fs::is_symlink(fs::symlink_status(file, ignored))) {
    return Status(Code::kPermissionDenied, "this is a symbolic link")
        .at(file.native())
        .advise("put the file itself there, or name the one that is meant");
  }
  KTL_TRY(opened.status());
  KTL_TRY(check_owner(opened->get(), file));
  return read_opened(opened->get(), file);
}

Result<std::optional<Project>> load_project(const ProjectQuery& query) {
  auto file = query.named ? query.named : found_upward(query.directory);
  if (!file && !query.overrides.empty()) {
    return Status(Code::kInvalidArgument, "--set needs a ktl.yaml with targets, and there is none");
  }
  if (!file) {
    return std::optional<Project>();
  }
  KTL_ASSIGN(std::string text, query.named ? read_named(*file) : read_trustable(*file));
  ProjectReading reading{.file = *file, .untrusted = {}, .overrides = query.overrides};
  if (!query.named) {
    KTL_ASSIGN(Trust trust, trust_in(*file, text, query.trust_records));
    reading.untrusted = distrust(trust, *file);
  }
  KTL_ASSIGN(Project project, parse_project(text, reading));
  return std::optional<Project>(std::move(project));
}

Result<std::optional<Project>> load_user_config(const fs::path& file) {
  auto opened = open_file(file, O_RDONLY | O_NONBLOCK);
  if (!opened.ok() && opened.status().code() == Code::kNotFound) {
    return std::optional<Project>();
  }
  KTL_TRY(opened.status());
  KTL_TRY(check_owner(opened->get(), file));
  KTL_ASSIGN(std::string text, read_opened(opened->get(), file));
  KTL_ASSIGN(Project project, parse_user_config(text, file));
  return std::optional<Project>(std::move(project));
}

}  // namespace ktl
