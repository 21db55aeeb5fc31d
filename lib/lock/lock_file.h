// ktl.lock: what a build is made from, byte for byte (docs/schema/lock-1.json).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::lock {

inline constexpr const char* kLockFile = "ktl.lock";
inline constexpr size_t kMostBytes = 16U << 20U;
inline constexpr size_t kMostEntries = 100'000;  // of one list

// What a RUN step fetches.
struct Download {
  std::string step;    // instruction_of() its name
  std::string url;     // as the builder's proxy spells it
  std::string digest;  // "sha256:<hex>"
  int64_t size = 0;    // bytes
  std::string type{};  // Content-Type of the answer, clients judge by it; empty: it had none

  auto operator<=>(const Download&) const = default;
};

// What no lock can hold to one content.
struct Unlockable {
  std::string step;
  std::string method;  // "GET", "POST" ...
  std::string url;
  std::string reason;  // a sentence without its period

  auto operator<=>(const Unlockable&) const = default;
};

// A value; the lists in any order.
struct Lock {
  std::map<std::string, std::string> images;        // image_key() of a reference -> its digest
  std::map<std::string, std::string> files;         // URL of an ADD -> digest
  std::map<std::string, std::string> repositories;  // git URL as it is written -> whole commit
  std::vector<Download> downloads;
  std::vector<Unlockable> not_lockable;

  // What a source is held to. `kind` as in plans: image, frontend, http or git (whose digest is a
  // commit); `ref` as a Dockerfile or the builder writes it. Empty: the lock does not have it.
  [[nodiscard]] std::string digest_of(std::string_view kind, const std::string& ref) const;
  // The download that `step` may make from `url`; an empty step stands for any. Null: none. Lives
  // as long as the list is not changed.
  [[nodiscard]] const Download* find(std::string_view step, std::string_view url) const;
  // Why the lock does not hold this one, as it was found when it was made; null: it never met it.
  [[nodiscard]] const Unlockable* refused(std::string_view step, std::string_view url) const;
};

// "docker.io/library/alpine:3" of "alpine:3"; with the digest of one that is written with it. What
// is no reference stays as it is.
std::string image_key(const std::string& ref);

// "RUN make" of "[build 2/3] RUN make": the same on every platform, and when a stage gets a step
// more before it.
std::string instruction_of(std::string_view step);

// The file's text: JSON, sorted, each entry once and on a line of its own; the same bytes for the
// same lock.
std::string to_text(const Lock& lock);

// The reverse. kInvalidArgument says what is wrong with it; bounded by kMostBytes and kMostEntries.
Result<Lock> parse_lock(std::string_view text);

}  // namespace ktl::lock
