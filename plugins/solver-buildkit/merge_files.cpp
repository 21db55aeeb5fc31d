#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <filesystem>

#include "pool.h"

namespace ktl::solver {
namespace {

namespace fs = std::filesystem;

// Everything in `from` goes to `into`, which is on the same disk.
Status move_all(const fs::path& from, const fs::path& into) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    const fs::path target = into / entry.path().filename();
    if (::renameat2(AT_FDCWD, entry.path().c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) ==
        0) {
      continue;
    }
    if (errno != EEXIST) {
      return errno_status("move " + target.string(), errno);
    }
    return Status(Code::kFailedPrecondition, "two builders of the pool made a file called " +
                                                 valid_utf8(target.filename().string()))
        .advise("leave platform-split=false out: each platform then has a folder of its own");
  }
  return error ? errno_status("read " + from.string(), error.value()) : Status();
}

}  // namespace

Status merge_files(const json::array& into, const json::array& from) {
  for (size_t i = 0; i < std::min(into.size(), from.size()); ++i) {
    KTL_TRY(move_all(std::string(text_of(from[i], "path")), std::string(text_of(into[i], "path"))));
  }
  return {};
}

}  // namespace ktl::solver
