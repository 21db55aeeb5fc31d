#include "core/pipeline/take_files.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/fd.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;
constexpr int kFolder = O_PATH | O_DIRECTORY;

Status not_moved(int why) {
  return why == EXDEV ? Status(Code::kFailedPrecondition,
                               "it is on another file system than the folder above ktl's plugins'")
                            .advise("keep ktl's cache folder on one file system")
                      : errno_status("take it over", why);
}

// Whatever the path leads to a moment later, the descriptor of its folder and the name in there
// mean one thing; that the last step is no link is seen once nobody else can change it.
Status take_file(int root, const fs::path& below, const std::string& kind, int into,
                 const std::string& name) {
  const fs::path last = below.filename();
  if (last.empty() || last == "." || last == "..") {
    return {Code::kDataLoss, "it is no file in there"};
  }
  const fs::path above = below.has_parent_path() ? below.parent_path() : ".";
  KTL_ASSIGN(const UniqueFd parent, open_beneath(root, above, kFolder));
  if (::renameat2(parent.get(), last.c_str(), into, name.c_str(), RENAME_NOREPLACE) != 0) {
    return not_moved(errno);
  }
  struct stat about{};
  const bool known = ::fstatat(into, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
  const bool wanted = kind == "folder" ? S_ISDIR(about.st_mode) : S_ISREG(about.st_mode);
  return known && wanted ? Status() : Status(Code::kDataLoss, "it is not what it is said to be");
}

}  // namespace

Result<json::array> take_files(const fs::path& folder, const fs::path& into,
                               const json::array& files) {
  json::array taken;
  for (const json::value& file : files) {
    const std::string name = std::to_string(taken.size());
    const fs::path path = std::string(text_of(file, "path"));
    KTL_ASSIGN(const UniqueFd root, open_file(folder, kFolder));
    KTL_ASSIGN(const UniqueFd target, open_file(into, kFolder));
    const fs::path below = path.lexically_normal().lexically_relative(folder);
    Status status =
        take_file(root.get(), below, std::string(text_of(file, "kind")), target.get(), name);
    if (!status.ok()) {
      return Status(status.code() == Code::kFailedPrecondition ? status.code() : Code::kDataLoss,
                    "the builder's file is not in " + folder.string() + ": " + status.message())
          .at(path.string())
          .advise(status.next());
    }
    json::object there = file.as_object();
    there["path"] = (into / name).string();
    taken.push_back(std::move(there));
  }
  return taken;
}

}  // namespace ktl
