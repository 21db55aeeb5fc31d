#include "jail/layout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <set>

#include "base/fd.h"
#include "jail/compose.h"
#include "jail/path.h"
#include "jail/place.h"

namespace ktl::jail {
namespace {

constexpr size_t kMaxMounts = 20'000;

Status refuse(std::string message, std::string next) {
  return Status(Code::kInvalidArgument, std::move(message)).advise(std::move(next));
}

// The mount that one sees at the place of mounts[i] before it is mounted: the last one at or above
// it. -1: the root, which runtimes make themselves.
int cover_of(const std::vector<Mount>& mounts, size_t i) {
  for (size_t j = i; j-- > 0;) {
    if (mounts[j].kind != MountKind::kSymlink && is_within(mounts[i].dst, mounts[j].dst)) {
      return static_cast<int>(j);
    }
  }
  return -1;
}

// A link that the policy makes lies on the way: it would lead to this machine's files.
Status check_links(const std::vector<Mount>& mounts, size_t i, int cover) {
  for (size_t k = static_cast<size_t>(cover + 1); k < i; ++k) {
    if (mounts[k].kind == MountKind::kSymlink && is_within(mounts[i].dst, mounts[k].dst)) {
      return refuse(mounts[i].origin + ": " + mounts[i].dst + " lies behind the link " +
                        mounts[k].dst + " of " + mounts[k].origin,
                    "name the place that the link points to");
    }
  }
  return {};
}

Status check_kind(const Mount& mount, const Mount& cover, bool folder) {
  if (mount.folder == folder || mount.kind == MountKind::kSymlink) {
    return {};
  }
  return refuse(mount.origin + ": at " + mount.dst + " there is a " + (folder ? "folder" : "file") +
                    " of " + cover.src + ", and a " + (mount.folder ? "folder" : "file") +
                    " cannot be mounted there",
                "bind it to another place");
}

// The end of the way is a link, and what holds it is none.
bool is_link_itself(const Mount& cover, const std::string& rest) {
  const size_t slash = rest.rfind('/');
  auto parent = find_place(cover.src, slash == std::string::npos ? "" : rest.substr(0, slash));
  return parent.ok() && *parent == PlaceFound::kFolder;
}

// Notes in `anew` what of the cover has to be made anew for this mount.
Status settle(const Mount& mount, const Mount& cover, Anew& anew) {
  const std::string rest(below(mount.dst, cover.dst));
  KTL_ASSIGN(PlaceFound found, find_place(cover.src, rest));
  switch (found) {
    case PlaceFound::kFolder:
    case PlaceFound::kFile:
      return check_kind(mount, cover, found == PlaceFound::kFolder);
    case PlaceFound::kLink:
      if (!cover.rw && mount.kind != MountKind::kSymlink && is_link_itself(cover, rest)) {
        anew.hidden.insert(rest);
        break;
      }
      return refuse(mount.origin + ": on the way to " + mount.dst + " " + cover.src +
                        " has a symbolic link, which could lead out of the fence",
                    "bind it to a place without links");
    case PlaceFound::kBlocked:
      return refuse(mount.origin + ": " + mount.dst + " would lie below a file of " + cover.src,
                    "bind it to another place");
    case PlaceFound::kMissing:
      break;
  }
  if (cover.rw) {
    return refuse(mount.origin + ": " + mount.dst + " does not exist in " + cover.src +
                      ", and mounting there would make it on this machine",
                  "make it first, or bind " + cover.src + " read-only");
  }
  for (size_t slash = rest.find('/'); slash != std::string::npos;
       slash = rest.find('/', slash + 1)) {
    anew.folders.insert(rest.substr(0, slash));
  }
  anew.folders.insert("");
  return {};
}

std::string real_path(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  std::string out = real == nullptr ? path : real;
  std::free(real);  // NOLINT(cppcoreguidelines-no-malloc): realpath(3) wants it
  return out;
}

// What is mounted below the source of a read-only bind, bound over itself read-only.
Status add_submounts(const Mount& bind, const std::vector<std::string>& points,
                     std::vector<Mount>& out) {
  if (bind.kind != MountKind::kBind || bind.rw || !bind.folder || points.empty()) {
    return {};
  }
  const std::string source = real_path(bind.src);
  for (const auto& point : points) {
    struct stat found{};
    if (point == source || !is_within(point, source) || ::stat(point.c_str(), &found) != 0) {
      continue;
    }
    Mount inner = bind;
    inner.src = point;
    inner.dst = join_path(bind.dst, below(point, source));
    inner.folder = S_ISDIR(found.st_mode);
    out.push_back(std::move(inner));
  }
  return {};
}

}  // namespace

Result<std::vector<Mount>> lay_out(std::vector<Mount> mounts,
                                   const std::vector<std::string>& mount_points) {
  std::map<int, Anew> anew;  // by the cover that has to be made anew
  for (size_t i = 0; i < mounts.size(); ++i) {
    const int cover = cover_of(mounts, i);
    KTL_TRY(check_links(mounts, i, cover));
    if (cover >= 0 && mounts[static_cast<size_t>(cover)].kind == MountKind::kBind) {
      Anew parts;
      KTL_TRY(settle(mounts[i], mounts[static_cast<size_t>(cover)], parts));
      if (!parts.folders.empty()) {
        anew[cover].folders.merge(parts.folders);
        anew[cover].hidden.merge(parts.hidden);
      }
    }
  }
  std::vector<Mount> out;
  for (size_t i = 0; i < mounts.size(); ++i) {
    std::vector<Mount> parts{mounts[i]};
    if (auto at = anew.find(static_cast<int>(i)); at != anew.end()) {
      KTL_ASSIGN(parts, compose(mounts[i], at->second));
    }
    for (auto& part : parts) {
      out.push_back(part);
      KTL_TRY(add_submounts(part, mount_points, out));
    }
    if (out.size() > kMaxMounts) {
      return refuse("a fence of more than 20000 mounts", "bind fewer folders");
    }
  }
  return out;
}

}  // namespace ktl::jail
