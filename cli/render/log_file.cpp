#include "cli/render/log_file.h"

#include <fcntl.h>

#include "cli/render/sanitize.h"
#include "core/pipeline/exclude.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

// O_NONBLOCK: a fifo without a reader is an error, not an endless wait.
constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;

Status make_folder(const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  return error ? Status(Code::kInvalidArgument, error.message()) : Status();
}

// `inside`: the file's path relative to the context.
Result<UniqueFd> open_inside(const fs::path& context, const std::string& inside) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(context / inside, error).parent_path();
  fs::path root = fs::canonical(context, error);
  if (!error && real != root && !path_in_context(root, real)) {
    return Status(Code::kInvalidArgument, "a link there leads out of the context");
  }
  KTL_TRY(make_folder(context / inside));
  KTL_ASSIGN(UniqueFd folder, open_file(context, O_PATH | O_DIRECTORY));
  return open_beneath(folder.get(), inside, kFlags | O_NOFOLLOW, 0600);
}

Result<UniqueFd> open_outside(const fs::path& file) {
  KTL_TRY(make_folder(file));
  return open_file(file, kFlags, 0600);
}

}  // namespace

Result<std::shared_ptr<LogFile>> LogFile::open(const fs::path& file, const fs::path& context,
                                               Tell tell) {
  auto inside = path_in_context(context, file);
  Result<UniqueFd> opened = inside ? open_inside(context, *inside) : open_outside(file);
  if (!opened.ok()) {
    return Status(Code::kInvalidArgument,
                  "--logfile " + file.string() + " cannot be used: " + opened.status().message())
        .advise(inside ? "inside the context it must be a file of its own, no link"
                       : "name a file that you may write to");
  }
  return std::shared_ptr<LogFile>(
      new LogFile(std::move(*opened), one_line(file.string()), std::move(tell)));
}

void LogFile::draw(std::string_view text) {
  Status status;
  {
    std::lock_guard lock(mutex_);
    if (failed_) {
      return;
    }
    status = write_all(file_.get(), text);
    failed_ = !status.ok();
  }
  if (!status.ok()) {
    tell_("warning: the log file " + name_ + " ends here: " + one_line(status.message()) +
          "; the build goes on\n");
  }
}

bool LogFile::failed() const {
  std::lock_guard lock(mutex_);
  return failed_;
}

}  // namespace ktl::cli
