// What a build took while it was recorded, as its builder tells it: what a lock is made of.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lock/lock_file.h"

namespace ktl::lock {

struct RecordedImage {
  std::string ref;                  // with its digest, as the builder names it
  std::string digest;               // of that name: often an index
  std::set<std::string> platforms;  // "linux/arm64/v8"

  bool operator==(const RecordedImage&) const = default;
};

// What a RUN step asked the builder's proxy for.
struct RecordedRequest {
  std::string step;    // instruction_of() its name; empty: nobody knows which
  std::string method;  // "*": the builder did not say
  std::string url;
  int64_t status = 0;  // 0: no answer came
  std::string digest;  // of the answer; empty: the builder does not tell
  std::string reason;  // why it cannot be locked, when that is known already

  auto operator<=>(const RecordedRequest&) const = default;
};

// A value.
struct Recorded {
  bool whole = false;                               // the builder told all of it
  std::map<std::string, RecordedImage> images;      // by image_key()
  std::map<std::string, std::string> files;         // URL of an ADD -> digest
  std::map<std::string, std::string> repositories;  // git URL as it is written -> commit
  std::vector<RecordedRequest> requests;
  std::vector<std::string> unknown;  // sources of which the builder did not say what they were
};

}  // namespace ktl::lock
