#include "filesync/temp_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace ktl::filesync {
namespace {

constexpr uid_t kNobody = 65534;

}  // namespace

TempTree::TempTree() {
  std::string name = ::testing::TempDir() + "ktl-filesync-XXXXXX";
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  EXPECT_EQ(::chmod(name.c_str(), 0755), 0);
  base_ = name + "/";
  root_ = UniqueFd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(root_.valid());
}

TempTree::~TempTree() {
  std::error_code error;
  std::filesystem::remove_all(base_, error);
}

void TempTree::folder(const std::string& relative, uint32_t mode) {
  std::filesystem::create_directories(path(relative));
  EXPECT_EQ(::chmod(path(relative).c_str(), mode), 0);
}

void TempTree::file(const std::string& relative, std::string_view content, uint32_t mode) {
  std::filesystem::create_directories(std::filesystem::path(path(relative)).parent_path());
  const UniqueFd fd(::open(path(relative).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  ASSERT_TRUE(fd.valid()) << relative;
  EXPECT_TRUE(write_all(fd.get(), content).ok());
  EXPECT_EQ(::fchmod(fd.get(), mode), 0);
}

void TempTree::symlink(const std::string& target, const std::string& relative) {
  std::filesystem::create_directories(std::filesystem::path(path(relative)).parent_path());
  EXPECT_EQ(::symlink(target.c_str(), path(relative).c_str()), 0) << relative;
}

void TempTree::hard_link(const std::string& target, const std::string& relative) {
  EXPECT_EQ(::link(path(target).c_str(), path(relative).c_str()), 0) << relative;
}

void TempTree::fifo(const std::string& relative) {
  EXPECT_EQ(::mkfifo(path(relative).c_str(), 0644), 0);
}

void TempTree::socket(const std::string& relative) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path(relative).copy(address.sun_path, sizeof(address.sun_path) - 1),
            sizeof(address.sun_path) - 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

void TempTree::xattr(const std::string& relative, const std::string& name, std::string_view value) {
  EXPECT_EQ(::lsetxattr(path(relative).c_str(), name.c_str(), value.data(), value.size(), 0), 0);
}

void TempTree::remove(const std::string& relative) { std::filesystem::remove_all(path(relative)); }

// Only the calling thread's rights: setfsuid(2) is not a POSIX call that libc applies to all.
OrdinaryUser::OrdinaryUser()
    : before_(static_cast<unsigned>(::getuid() == 0 ? ::setfsuid(kNobody) : -1)) {}

OrdinaryUser::~OrdinaryUser() { ::setfsuid(before_); }

}  // namespace ktl::filesync
