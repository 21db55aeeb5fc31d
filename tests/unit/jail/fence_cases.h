// What every runtime's fence has to keep, as typed tests would say it: one function a promise. The
// plugin's test calls all of them as root (where it is root) and as an ordinary user.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <filesystem>

#include "jail/behind.h"
#include "jail/machines.h"

namespace ktl::jail {

// A copy of a folder that every user may read, for as long as the program: the checkout, and the
// cache of whoever fetched a runtime, may lie where only their owner may look.
class PublicCopy {
 public:
  explicit PublicCopy(const std::filesystem::path& of) {
    std::string name = ::testing::TempDir() + "ktl-public-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    std::filesystem::copy(of, folder_, std::filesystem::copy_options::recursive);
  }
  PublicCopy(const PublicCopy&) = delete;
  PublicCopy& operator=(const PublicCopy&) = delete;
  ~PublicCopy() { std::filesystem::remove_all(folder_); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

inline std::string policy(const std::string& name) {
  static const PublicCopy policies(KTL_SOURCE_DIR "/sandbox");
  return policies / name;
}
inline std::string policy_of_documents() {
  static const PublicCopy data(KTL_SOURCE_DIR "/tests/data/sandbox");
  return data / "documents.cfg";
}

// Mounts a tmpfs that only this test program sees from now on; false: it may not.
inline bool mount_tmpfs(const std::string& folder) {
  return ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", folder.c_str(), "tmpfs", 0, "mode=0777") == 0;
}

// A test behind a fence: its folder is open to every user, the context holds two files.
class Fenced : public ::testing::TestWithParam<uid_t> {
 protected:
  explicit Fenced(const ktl_plugin_draft& plugin) : plugin_(plugin) {
    std::filesystem::permissions(here_.path(), std::filesystem::perms(0755));
    here_.file("context/Dockerfile", "FROM scratch\n");
    here_.file("context/src/a", "a");
  }
  void SetUp() override {
    if (GetParam() != ::geteuid() && ::geteuid() != 0) {
      GTEST_SKIP() << "only root can be both";
    }
    uid_ = ::geteuid() == 0 ? GetParam() : 0;
  }
  json::object fence(const std::string& policy, const json::array& binds = {}) {
    return a_fence(policy, here_ / "context", binds);
  }
  Ran run(const json::object& fence, const std::string& script,
          std::map<std::string, std::string> env = {}, std::map<int, int> keep = {}) {
    Behind behind{plugin_, fence, shell(script), std::move(env), std::move(keep), uid_};
    return behind.run();
  }
  // What a script prints, or why it printed nothing.
  std::string said(const json::object& fence, const std::string& script) {
    const Ran ran = run(fence, script);
    return ran.code == 0 ? ran.out : std::to_string(ran.code) + "\n" + ran.err + ran.log;
  }

  const ktl_plugin_draft& plugin_;
  Folder here_;
  uid_t uid_ = 0;
};

}  // namespace ktl::jail
