#include "filesync/follow_links.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <set>
#include <utility>

#include "dockerfile/glob.h"
#include "filesync/disk.h"

namespace ktl::filesync {
namespace {

constexpr size_t kMaxLinks = 255;  // a chain longer than this resolves nowhere

// As seen from the root: "/a/../../b" is "b", the root itself ".".
std::string below_root(std::string_view path) {
  const std::string clean = dockerfile::clean_path("/" + std::string(path));
  return clean == "/" ? "." : clean.substr(1);
}

std::string join(std::string_view folder, std::string_view name) {
  return folder == "." ? std::string(name) : std::string(folder) + "/" + std::string(name);
}

std::pair<std::string, std::string> split_last(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return {".", path};
  }
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool has_wildcards(std::string_view name) {
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\') {
      ++i;
    } else if (name[i] == '*' || name[i] == '?' || name[i] == '[') {
      return true;
    }
  }
  return false;
}

class Resolver {
 public:
  explicit Resolver(int root) : root_(root) {}

  Status run(const std::vector<std::string>& paths);
  [[nodiscard]] std::vector<std::string> found() const { return {found_.begin(), found_.end()}; }

 private:
  struct Step {
    std::string path;
    size_t links;  // symlinks on the way here
  };
  Status resolve(const Step& step);
  // Targets of the symlinks that `path`, with wildcards or not, names.
  Result<std::vector<std::string>> targets(const std::string& path);
  Status add_target(int folder, const std::string& path, const std::string& name,
                    std::vector<std::string>& out);

  int root_;
  size_t links_ = 0;  // read so far
  std::vector<Step> todo_;
  std::set<std::pair<std::string, std::string>> followed_;  // a symlink and what comes behind it
  std::set<std::string> found_;
};

Status Resolver::run(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    todo_.push_back({below_root(path), 0});
  }
  while (!todo_.empty()) {
    const Step step = std::move(todo_.back());
    todo_.pop_back();
    KTL_TRY(resolve(step));
  }
  return {};
}

Status Resolver::resolve(const Step& step) {
  for (size_t end = step.path.find('/');; end = step.path.find('/', end + 1)) {
    const std::string current = step.path.substr(0, end);
    KTL_ASSIGN(const std::vector<std::string> links, targets(current));
    if (links.empty() && end != std::string::npos) {
      continue;
    }
    found_.insert(current);
    const std::string rest = end == std::string::npos ? "" : step.path.substr(end);
    if (links.empty() || step.links >= kMaxLinks || !followed_.insert({current, rest}).second) {
      return {};
    }
    for (const std::string& link : links) {
      if (link.size() + rest.size() < PATH_MAX) {
        todo_.push_back({below_root(link + rest), step.links + 1});
      }
    }
    return {};
  }
}

Status Resolver::add_target(int folder, const std::string& path, const std::string& name,
                            std::vector<std::string>& out) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(folder, name.c_str(), target.data(), target.size());
  if (size < 0 && (errno == EINVAL || vanished(errno) || errno == ENAMETOOLONG)) {
    return {};  // no symlink
  }
  if (size < 0) {
    return disk_failure("follow", join(path, name), errno);
  }
  const std::string link(target.data(), static_cast<size_t>(size));
  if (++links_ > kMaxSymlinks) {
    return Status(Code::kResourceExhausted, "too many symlinks to follow");
  }
  out.push_back(link.starts_with('/') ? below_root(link) : below_root(join(path, link)));
  return {};
}

Result<std::vector<std::string>> Resolver::targets(const std::string& path) {
  std::vector<std::string> out;
  if (path == ".") {
    return out;
  }
  const auto [parent, name] = split_last(path);
  const bool wildcards = has_wildcards(name);
  const UniqueFd folder =
      open_plain(root_, parent.c_str(), O_DIRECTORY | (wildcards ? O_RDONLY : O_PATH));
  if (!folder.valid()) {
    if (vanished(errno) || errno == ENAMETOOLONG) {
      return out;
    }
    return disk_failure("open the folder", parent, errno);
  }
  if (!wildcards) {
    KTL_TRY(add_target(folder.get(), parent, name, out));
    return out;
  }
  auto glob = dockerfile::Glob::parse(name);
  KTL_ASSIGN(const std::vector<Name> names, list_folder(folder.get(), parent));
  for (const Name& entry : names) {
    if (glob.ok() && glob->matches(entry.name)) {
      KTL_TRY(add_target(folder.get(), parent, entry.name, out));
    }
  }
  return out;
}

}  // namespace

std::optional<std::vector<std::string>> without_nested(const std::vector<std::string>& sorted) {
  std::vector<std::string> out;
  for (const std::string& path : sorted) {
    if (path == ".") {
      return std::nullopt;
    }
    if (out.empty() || !path.starts_with(out.back() + "/")) {
      out.push_back(path);
    }
  }
  return out;
}

Result<std::optional<std::vector<std::string>>> follow_links(
    int root, const std::vector<std::string>& paths) {
  Resolver resolver(root);
  KTL_TRY(resolver.run(paths));
  return without_nested(resolver.found());
}

}  // namespace ktl::filesync
