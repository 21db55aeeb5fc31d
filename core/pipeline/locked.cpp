#include "core/pipeline/locked.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/sha256.h"
#include "core/pipeline/exclude.h"
#include "http/url.h"
#include "lock/lock_file.h"
#include "lock/pinned.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEpoch = "SOURCE_DATE_EPOCH";

Status usage(const Request& request, const std::string& field, const std::string& what,
             const std::string& advice) {
  const auto origin = request.origin.find(field);
  return Status(Code::kInvalidArgument, what)
      .at(origin == request.origin.end() ? "" : origin->second)
      .advise(advice);
}

// A host of --allow-network that a lock alone may not name.
bool names_near(const std::string& host) {
  const auto url = http::parse_url("http://" + host);
  return url.ok() && http::is_near(url->host);
}

Status check_flags(const Request& request) {
  if (!std::ranges::all_of(request.allow_network, names_near)) {
    return usage(
        request, "allow_network",
        "with ktl.lock there, --locked gives steps what it has, and --allow-network more",
        "leave one of them out; only this machine's own HOST:PORT may be named, for URLs of "
        "the lock");
  }
  if (request.allow_unpinned_bases) {
    return usage(request, "allow_unpinned_bases",
                 "with ktl.lock there, --locked takes every base from it",
                 "leave --allow-unpinned-bases out, or run `ktl lock` again");
  }
  return {};
}

// Images and files; a commit is no digest.
void pin_sources(Plan& plan) {
  for (const PlanSource& source : plan.sources) {
    const std::string digest = plan.lock->digest_of(source.kind, source.ref);
    const bool own = source.kind != "http" && lock::is_pinned_image(source.ref);
    if (is_digest(digest) && !own) {
      plan.pins[source.ref] = digest;
    }
  }
}

// The context may be anybody's: no link, no pipe.
Result<std::string> text_of_lock(const std::string& context) {
  KTL_ASSIGN(const UniqueFd folder, open_file(context, O_RDONLY | O_DIRECTORY));
  KTL_ASSIGN(const UniqueFd file,
             open_beneath(folder.get(), lock::kLockFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument, "ktl.lock is no file");
  }
  return read_all(file.get(), lock::kMostBytes);
}

}  // namespace

Status take_lock(const Request& request, Plan& plan) {
  if (!request.locked) {
    return {};
  }
  plan.fence.locked = true;
  plan.args.try_emplace(kEpoch, "0");
  const fs::path file = fs::path(plan.context_dir) / lock::kLockFile;
  if (plan.context_dir.empty() || !fs::exists(fs::symlink_status(file))) {
    return {};
  }
  KTL_TRY(check_flags(request));
  Result<std::string> text = text_of_lock(plan.context_dir);
  Result<lock::Lock> read = text.ok() ? lock::parse_lock(*text) : Result<lock::Lock>(text.status());
  if (!read.ok()) {
    return Status(Code::kInvalidArgument, read.status().message())
        .at(file.string())
        .advise(read.status().next());
  }
  plan.lock = std::make_shared<const lock::Lock>(*std::move(read));
  plan.fence.lock = digest_of(*text);
  plan.fence.allow.clear();  // for ktl's own requests; steps have the lock's URLs
  plan.fence.network = plan.lock->downloads.empty() ? "none" : "locked";
  pin_sources(plan);
  return add_exclude(plan.exclude, lock::kLockFile);  // says what is built, and is not part of it
}

Status check_locked(Build& build) {
  Status first;
  const Plan& plan = build.plan;
  for (const PlanSource& source : plan.sources) {
    if (plan.lock == nullptr || !plan.lock->digest_of(source.kind, source.ref).empty()) {
      continue;
    }
    Status status = Status(Code::kPermissionDenied, source.ref + " is not in ktl.lock")
                        .advise("`ktl lock` writes what this build is made from");
    if (source.line > 0) {
      status = std::move(status).at(plan.dockerfile_name + ":" + std::to_string(source.line));
    }
    status = build.fail({Stage::kPrepare, std::move(status), Cause::kRefused, ""});
    first = first.ok() ? std::move(status) : first;
  }
  return first;
}

}  // namespace ktl
