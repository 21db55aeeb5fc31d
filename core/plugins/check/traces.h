// What a plugin may not change in the process that it is a guest of.
#pragma once

#include <csignal>
#include <map>
#include <string>
#include <vector>

namespace ktl {

// The process as it is now.
class Traces {
 public:
  static Traces now();

  struct Change {
    std::string rule;  // "directory"
    std::string what;  // goes after "it "
  };
  // What has changed since. Descriptors and threads count only with `after_destroy`: while it lives
  // an instance may have some.
  [[nodiscard]] std::vector<Change> changes(const Traces& now, bool after_destroy) const;

 private:
  std::string directory_;
  unsigned mask_ = 0;
  std::map<int, void (*)(int)> handlers_;
  std::vector<std::string> environment_;
  std::string locale_;
  size_t descriptors_ = 0;
  size_t threads_ = 0;
};

}  // namespace ktl
