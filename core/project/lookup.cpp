// Finding the project file, and whether it may be believed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "core/project/project.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFile = 1U << 20U;
constexpr const char* kName = "ktl.yaml";

std::optional<fs::path> found_upward(fs::path directory) {
  for (;;) {
    std::error_code error;
    if (fs::exists(directory / kName, error)) {
      return directory / kName;
    }
    if (!directory.has_relative_path()) {
      return std::nullopt;
    }
    directory = directory.parent_path();
  }
}

bool is_inside(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  auto relative =
      fs::weakly_canonical(file, error).lexically_relative(fs::weakly_canonical(folder, error));
  // What cannot be compared is not trusted.
  return static_cast<bool>(error) || (!relative.empty() && *relative.begin() != "..");
}

// A ktl.yaml in /tmp or in another user's folder must not steer the builds below it.
Status check_owner(int fd, const fs::path& file) {
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    return errno_status("fstat " + file.native(), errno);
  }
  bool strangers = info.st_uid != 0 && info.st_uid != geteuid();
  if (!strangers && (info.st_mode & S_IWOTH) == 0) {
    return {};
  }
  return Status(Code::kPermissionDenied, strangers
                                             ? "this project file belongs to another user"
                                             : "this project file can be changed by everybody")
      .at(file.native())
      .advise("name it to trust it: --project " + file.native());
}

}  // namespace

Result<std::optional<Project>> load_project(const ProjectQuery& query) {
  auto file = query.named ? query.named : found_upward(query.directory);
  if (!file) {
    return std::optional<Project>();
  }
  KTL_ASSIGN(UniqueFd opened, open_file(*file, O_RDONLY | O_NONBLOCK));
  if (!query.named) {
    KTL_TRY(check_owner(opened.get(), *file));
  }
  auto text = read_all(opened.get(), kMaxFile);
  if (!text.ok()) {
    return Status(Code::kInvalidArgument, text.status().message()).at(file->native());
  }
  bool trusted = query.named || query.context.empty() || !is_inside(*file, query.context);
  KTL_ASSIGN(Project project, parse_project(*text, *file, trusted));
  return std::optional<Project>(std::move(project));
}

}  // namespace ktl
