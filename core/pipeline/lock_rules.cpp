#include "core/pipeline/lock_rules.h"

#include <algorithm>

#include "core/document/fields.h"
#include "lock/kept_name.h"
#include "lock/pinned.h"

namespace ktl {
namespace {

constexpr const char* kCure = "`ktl lock` writes what this build is made from";

Status refuse(const std::string& what) {
  return Status(Code::kPermissionDenied, what).advise(kCure);
}

bool drop(std::string_view& text, std::string_view prefix) {
  const bool has = text.starts_with(prefix);
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

}  // namespace

std::string repository_name(std::string_view url) {
  url = url.substr(0, url.find_first_of("#?"));
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  url.remove_prefix(std::min(url.find('@') + 1, url.size()));  // npos + 1 is 0
  std::string name(url);
  std::ranges::replace(name, ':', '/');  // git@host:path
  return name.ends_with(".git") ? name.substr(0, name.size() - 4) : name;
}

LockRules::LockRules(std::shared_ptr<const lock::Lock> lock) : lock_(std::move(lock)) {
  for (const lock::Download& one : lock_->downloads) {
    downloads_[{one.step, lock::spelling(one.url)}] = &one;
  }
  for (const auto& [url, digest] : lock_->files) {
    files_[lock::spelling(url)] = digest;
  }
}

const lock::Download* LockRules::find(std::string_view step, std::string_view url) const {
  const auto found = downloads_.find({lock::instruction_of(step), lock::spelling(url)});
  return found == downloads_.end() ? nullptr : found->second;
}

std::string LockRules::file_at(std::string_view url) const {
  const auto found = files_.find(lock::spelling(url));
  return found == files_.end() ? "" : found->second;
}

Status LockRules::decide_request(std::string_view step, std::string_view url) const {
  if (!step.empty() && find(step, url) != nullptr) {
    return {};
  }
  for (const std::string& spelled : {std::string(url), lock::spelling(url)}) {
    if (const auto* known = lock_->refused(lock::instruction_of(step), spelled)) {
      return Status(Code::kPermissionDenied, "it cannot be locked: " + known->reason)
          .advise("let the step do without it, or build with --allow-network instead of --locked");
    }
  }
  return refuse("ktl.lock has no such download of this step");
}

Status LockRules::decide_source(const json::value& source) const {
  const std::string_view identifier = text_of(source, "identifier");
  std::string_view rest = identifier;
  if (identifier.empty()) {
    return {};  // ktl's own question about the plan, which was checked
  }
  if (drop(rest, "docker-image://")) {
    return decide_image(rest.substr(0, rest.find('@')), source);
  }
  if (drop(rest, "git://")) {
    return decide_repository(rest, source);
  }
  if (rest.starts_with("http://") || rest.starts_with("https://")) {
    const std::string locked = file_at(rest);
    return !locked.empty() && locked == text_of(source, "checksum")
               ? Status()
               : refuse(std::string(rest) + " is not in ktl.lock");
  }
  return lock::check_pinned(identifier, "", "");  // a layout of the user's own
}

Status LockRules::decide_image(std::string_view name, const json::value& source) const {
  const std::string ref(name);
  const std::string digest(text_of(source, "digest"));
  for (const std::string& written : {ref, ref + "@" + digest}) {
    if (!digest.empty() && lock_->digest_of("image", written) == digest) {
      return {};
    }
  }
  return refuse(ref + (digest.empty() ? "" : "@" + digest) + " is not in ktl.lock");
}

Status LockRules::decide_repository(std::string_view identifier, const json::value& source) const {
  const std::string_view wanted = lock::pinned_commit(identifier, text_of(source, "commit"));
  for (const auto& [url, commit] : lock_->repositories) {
    if (!wanted.empty() && wanted == commit &&
        repository_name(url) == repository_name(identifier)) {
      return {};
    }
  }
  return refuse("git://" + std::string(identifier) + " is not in ktl.lock at this commit");
}

}  // namespace ktl
