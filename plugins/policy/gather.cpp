#include "gather.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/base64.h"
#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::policy {
namespace {

constexpr size_t kMaxBytes = 32U << 20U;
constexpr size_t kMaxFiles = 2000;
constexpr int kMaxDepth = 32;
constexpr std::string_view kDigest = "@sha256:";

Status wrong(std::string what, const std::string& place) {
  return Status(Code::kInvalidArgument, std::move(what)).at(place);
}

bool is_bundle(std::string_view name) {
  return name.ends_with(".tar.gz") || name.ends_with(".tgz");
}

bool is_wanted(std::string_view name, Tests tests) {
  const bool rules =
      name.ends_with(".rego") && (tests == Tests::kTaken || !name.ends_with("_test.rego"));
  return rules || name.ends_with(".wasm") || name == "data.json" || name == "data.yaml" ||
         name == "data.yml";
}

bool leads_to_folder(int fd, const std::string& name) {
  struct stat found{};
  return ::fstatat(fd, name.c_str(), &found, 0) == 0 && S_ISDIR(found.st_mode);
}

Result<std::string> text_from(int fd, const std::string& place) {
  auto text = read_all(fd, kMaxBytes);
  if (!text.ok()) {
    return wrong("it cannot be read: " + text.status().message(), place);
  }
  return text;
}

// A folder on its way into a unit.
class Folder {
 public:
  Folder(std::string root, Tests tests) : root_(std::move(root)), tests_(tests) {}

  Result<json::array> read(int fd) {
    KTL_TRY(walk(fd, "", 0));
    return std::move(files_);
  }

 private:
  Result<std::vector<std::string>> names_in(int fd, const std::string& below) const {
    const int own = ::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(own < 0 ? nullptr : ::fdopendir(own),
                                                     &::closedir);
    if (folder == nullptr) {
      return wrong("the folder cannot be read", root_ + "/" + below);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder.get())) {
      if (entry->d_name[0] != '.') {
        names.emplace_back(entry->d_name);
      }
    }
    std::ranges::sort(names);
    return names;
  }

  Status walk(int fd, const std::string& below, int depth) {
    if (depth > kMaxDepth) {
      return wrong("more than 32 folders deep", root_ + "/" + below);
    }
    KTL_ASSIGN(const auto names, names_in(fd, below));
    for (const std::string& name : names) {
      struct stat found{};
      if (::fstatat(fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        return wrong("it vanished while it was read", root_ + "/" + below + name);
      }
      if (S_ISDIR(found.st_mode)) {
        KTL_ASSIGN(const UniqueFd next,
                   open_beneath(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        KTL_TRY(walk(next.get(), below + name + "/", depth + 1));
      } else if (S_ISLNK(found.st_mode) && leads_to_folder(fd, name)) {
        return wrong("a link to a folder is not followed", root_ + "/" + below + name);
      } else if (is_wanted(name, tests_)) {
        KTL_TRY(take(below + name));
      }
    }
    return {};
  }

  Status take(const std::string& below) {
    const std::string place = root_ + "/" + below;
    KTL_ASSIGN(const UniqueFd root, open_file(root_, O_RDONLY | O_DIRECTORY));
    auto file = open_beneath(root.get(), below, O_RDONLY | O_NONBLOCK);
    struct stat found{};
    if (!file.ok() || ::fstat(file->get(), &found) != 0 || !S_ISREG(found.st_mode)) {
      return wrong("it is no file of this folder that can be read", place);
    }
    KTL_ASSIGN(std::string text, text_from(file->get(), place));
    bytes_ += text.size();
    if (bytes_ > kMaxBytes || files_.size() >= kMaxFiles) {
      return wrong("more than 2,000 files or 32 MiB of rules and data", root_);
    }
    files_.push_back(json::object{{"path", place}, {"text", valid_utf8(text)}});
    return {};
  }

  const std::string root_;
  const Tests tests_;
  json::array files_;
  size_t bytes_ = 0;
};

json::object unit(const std::string& name, json::array files, Tests tests) {
  return {{"name", name}, {"files", std::move(files)}, {"tests", tests == Tests::kTaken}};
}

json::object packed(const std::string& name, const std::string& bytes, Tests tests) {
  return {{"name", name}, {"bundle", base64_encode(bytes)}, {"tests", tests == Tests::kTaken}};
}

// A bundle, or one file of rules, by its name.
json::object one_file(const std::string& name, const std::string& bytes, Tests tests) {
  return is_bundle(name)
             ? packed(name, bytes, tests)
             : unit(name, {json::object{{"path", name}, {"text", valid_utf8(bytes)}}}, tests);
}

Result<json::object> from_url(const std::string& word, Tests tests, const Fetch& fetch) {
  const size_t at = word.rfind(kDigest);
  const std::string digest = at == std::string::npos ? "" : word.substr(at + kDigest.size());
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return wrong("rules from the network need their digest", word)
        .advise("write URL@sha256:HEX, the digest of the file itself");
  }
  const std::string url = word.substr(0, at);
  auto bytes = fetch(url, kMaxBytes);
  if (!bytes.ok()) {
    return wrong("it cannot be fetched: " + bytes.status().message(), url);
  }
  if (const std::string found = sha256_hex(*bytes); found != digest) {
    return wrong("its digest is sha256:" + found + ", and sha256:" + digest + " is wanted", url)
        .advise("look at what changed before you take the new digest");
  }
  return one_file(url.substr(0, url.find('?')), *bytes, tests);
}

}  // namespace

Result<json::object> gather(const std::string& place, Tests tests, const Fetch& fetch,
                            bool hostile) {
  if (place.find("://") != std::string::npos) {
    return from_url(place, tests, fetch);
  }
  if (!place.starts_with('/')) {
    return wrong("a policy's path must be absolute in a plugin's config", place);
  }
  auto file = open_file(place, O_RDONLY | O_NONBLOCK | (hostile ? O_NOFOLLOW : 0));
  struct stat found{};
  if (!file.ok() || ::fstat(file->get(), &found) != 0) {
    return wrong("the policy cannot be read: " + file.status().message(), place);
  }
  if (S_ISDIR(found.st_mode) && !hostile) {
    KTL_ASSIGN(json::array files, Folder(place, tests).read(file->get()));
    return unit(place, std::move(files), tests);
  }
  if (!S_ISREG(found.st_mode)) {
    return wrong("a policy is a folder or a file", place);
  }
  KTL_ASSIGN(const std::string text, text_from(file->get(), place));
  return one_file(place, text, tests);
}

}  // namespace ktl::policy
