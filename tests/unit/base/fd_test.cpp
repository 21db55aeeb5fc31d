#include "base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace ktl {
namespace {

class FdTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("fd." + std::to_string(::getpid()));

  void SetUp() override { std::filesystem::create_directories(folder_ / "root/sub"); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<UniqueFd> beneath(const std::string& path) {
    KTL_ASSIGN(UniqueFd root, open_file(folder_ / "root", O_PATH | O_DIRECTORY));
    return open_beneath(root.get(), path, O_RDONLY);
  }
  size_t entries() {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                             std::filesystem::directory_iterator()));
  }
};

TEST_F(FdTest, ReadsWhatIsThereUpToTheLimit) {
  for (const size_t size : {0U, 1U, 4095U, 4096U, 4097U, 100'000U}) {
    const std::string text(size, 'x');
    ASSERT_TRUE(write_file_atomic(folder_ / "file", text).ok());
    EXPECT_EQ(*read_file(folder_ / "file", size), text);
    EXPECT_EQ(*read_file(folder_ / "file", 1U << 20U), text);
    if (size > 0) {
      EXPECT_EQ(read_file(folder_ / "file", size - 1).status().code(), Code::kResourceExhausted);
    }
  }
}

// Nobody can say how much there is in a pipe, and a file may have grown since it was asked.
TEST_F(FdTest, ReadsWhatHasNoSizeToTheEnd) {
  for (const size_t size : {0U, 4096U, 4097U, 50'000U}) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const UniqueFd out(ends[0]);
    UniqueFd in(ends[1]);
    const std::string text(size, 'x');
    ASSERT_TRUE(write_all(in.get(), text).ok());
    in.reset();
    EXPECT_EQ(*read_all(out.get(), 50'000), text);
  }
}

TEST_F(FdTest, ReadsFromWhereTheFileStands) {
  ASSERT_TRUE(write_file_atomic(folder_ / "file", "0123456789").ok());
  auto file = open_file(folder_ / "file", O_RDONLY);
  ASSERT_TRUE(file.ok());
  ::lseek(file->get(), 4, SEEK_SET);
  EXPECT_EQ(*read_all(file->get(), 6), "456789");
}

TEST_F(FdTest, NoPathLeavesItsRoot) {
  ASSERT_TRUE(write_file_atomic(folder_ / "secret", "outside").ok());
  ASSERT_TRUE(write_file_atomic(folder_ / "root/inside", "in").ok());
  std::filesystem::create_symlink("../secret", folder_ / "root/escape");
  std::filesystem::create_symlink("/etc/passwd", folder_ / "root/absolute");
  std::filesystem::create_symlink("../inside", folder_ / "root/sub/fine");
  std::filesystem::create_symlink("loop", folder_ / "root/loop");
  for (const char* path : {"escape", "absolute", "../secret", "/etc/passwd", "sub/../../secret"}) {
    EXPECT_EQ(beneath(path).status().message(), std::string(path) + " leads out of its folder");
  }
  EXPECT_TRUE(beneath("sub/fine").ok());
  EXPECT_EQ(beneath("loop").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(beneath("absent").status().code(), Code::kNotFound);
}

TEST_F(FdTest, ReadsNoMoreThanAllowed) {
  ASSERT_TRUE(write_file_atomic(folder_ / "ten", "0123456789").ok());
  EXPECT_EQ(*read_file(folder_ / "ten", 10), "0123456789");
  auto too_much = read_file(folder_ / "ten", 9);
  EXPECT_EQ(too_much.status().code(), Code::kResourceExhausted);
}

TEST_F(FdTest, AFifoIsRefusedWithoutWaitingForItsWriter) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder_ / "fifo", 10).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(read_file(folder_, 10).status().code(), Code::kInvalidArgument);
}

TEST_F(FdTest, ReplacesAFileWholeAndMakesItsFolders) {
  auto file = folder_ / "deep/er/file";
  ASSERT_TRUE(write_file_atomic(file, "one", 0600).ok());
  ASSERT_TRUE(write_file_atomic(file, "two", 0640).ok());
  EXPECT_EQ(*read_file(file, 10), "two");
  struct stat info{};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST_F(FdTest, AFailedReplacementLeavesNothingBehind) {
  std::filesystem::create_directories(folder_ / "taken/full");
  size_t before = entries();
  EXPECT_FALSE(write_file_atomic(folder_ / "taken", "x").ok());
  EXPECT_EQ(entries(), before);
}

TEST_F(FdTest, OwnsItsDescriptor) {
  int number = -1;
  {
    auto fd = open_file("/dev/null", O_RDONLY);
    ASSERT_TRUE(fd.ok());
    number = fd->get();
    UniqueFd moved = *std::move(fd);
    EXPECT_EQ(moved.get(), number);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace ktl
