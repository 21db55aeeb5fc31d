// A folder for one test, removed with all it holds at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace ktl::filesync {

// Every function takes a path relative to the folder and fails the test when it cannot be done.
class TempTree {
 public:
  TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree();

  void folder(const std::string& path, uint32_t mode = 0755);
  void file(const std::string& path, std::string_view content = "", uint32_t mode = 0644);
  void symlink(const std::string& target, const std::string& path);
  void hard_link(const std::string& target, const std::string& path);
  void fifo(const std::string& path);
  void socket(const std::string& path);
  void xattr(const std::string& path, const std::string& name, std::string_view value);
  void remove(const std::string& path);

  [[nodiscard]] int root() const { return root_.get(); }
  [[nodiscard]] std::string path(const std::string& relative) const { return base_ + relative; }

 private:
  std::string base_;
  UniqueFd root_;
};

// While it lives, this thread has no more rights on the disk than an ordinary user.
class OrdinaryUser {
 public:
  OrdinaryUser();
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser();

 private:
  unsigned before_;
};

}  // namespace ktl::filesync
