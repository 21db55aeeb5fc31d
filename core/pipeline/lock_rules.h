// The built-in judge of what a build asks for that is held to a ktl.lock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/status.h"
#include "lock/lock_file.h"

namespace ktl {

// What the lock does not have may not be. Immutable: any thread.
class LockRules {
 public:
  explicit LockRules(std::shared_ptr<const lock::Lock> lock);

  // May `step`, by its name in the progress, get this URL? kPermissionDenied says why not.
  [[nodiscard]] Status decide_request(std::string_view step, std::string_view url) const;
  // The same of "source" in question-1.
  [[nodiscard]] Status decide_source(const json::value& source) const;

  // What `step` may get from the URL, however that is spelled; null: nothing. Lives as long as the
  // lock.
  [[nodiscard]] const lock::Download* find(std::string_view step, std::string_view url) const;
  // The digest that the lock has for a file of ADD; empty: none.
  [[nodiscard]] std::string file_at(std::string_view url) const;
  [[nodiscard]] const lock::Lock& lock() const { return *lock_; }

 private:
  [[nodiscard]] Status decide_image(std::string_view name, const json::value& source) const;
  [[nodiscard]] Status decide_repository(std::string_view identifier,
                                         const json::value& source) const;

  std::shared_ptr<const lock::Lock> lock_;
  std::map<std::pair<std::string, std::string>, const lock::Download*> downloads_;
  std::map<std::string, std::string> files_;  // by spelling
};

// "HOST/PATH" of a git URL in any of its forms, by which two of them are compared.
std::string repository_name(std::string_view url);

}  // namespace ktl
