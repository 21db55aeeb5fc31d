#include "cli/request/stdin_input.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "oci/tar_output.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

UniqueFd holding(std::string_view bytes) {
  UniqueFd fd(::memfd_create("stdin", 0));
  EXPECT_TRUE(write_all(fd.get(), bytes).ok());
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

class StdinInput : public ::testing::Test {
 protected:
  Status take(std::string_view bytes) {
    auto made = take_stdin(holding(bytes).get(), parent_, request_);
    KTL_TRY(made.status());
    kept_ = *std::move(made);
    return {};
  }
  void TearDown() override {
    kept_.reset();
    EXPECT_TRUE(!fs::exists(parent_) || fs::is_empty(parent_));
    fs::remove_all(parent_);
  }
  fs::path parent_ = fs::temp_directory_path() / ("stdin-test-" + std::to_string(::getpid()));
  Request request_;
  std::optional<SpoolFolder> kept_;
};

TEST_F(StdinInput, LeavesOtherRequestsAlone) {
  request_.context = "/c";
  ASSERT_TRUE(take("").ok());
  EXPECT_FALSE(kept_.has_value());
  EXPECT_EQ(request_.context, "/c");
}

TEST_F(StdinInput, AnArchiveIsTheContext) {
  request_.context = "-";
  const std::string tar = oci::tar_header("Dockerfile", 0644, 3) + "abc" + std::string(2000, '\0');
  ASSERT_TRUE(take(tar).ok());
  EXPECT_EQ(request_.context_kind, "archive");
  EXPECT_EQ(*read_file(request_.context, 1 << 20), tar);
}

TEST_F(StdinInput, TextIsADockerfileWithAnEmptyContext) {
  request_.context = "-";
  ASSERT_TRUE(take("FROM scratch\n").ok());
  EXPECT_EQ(request_.context_kind, "folder");
  EXPECT_TRUE(fs::is_empty(request_.context));
  EXPECT_EQ(*read_file(request_.file, 100), "FROM scratch\n");
}

TEST_F(StdinInput, OnlyOneThingComesOnStdin) {
  request_.context = "-";
  request_.file = "-";
  EXPECT_EQ(take("FROM x").code(), Code::kInvalidArgument);
  request_.file = "D";
  EXPECT_EQ(take("FROM x").code(), Code::kInvalidArgument);
  request_.file = "";
  EXPECT_EQ(take("").code(), Code::kInvalidArgument);
  EXPECT_EQ(take(std::string(2 << 20, 'F')).code(), Code::kInvalidArgument);
}

TEST(StdinInputKind, KnowsArchives) {
  using namespace std::string_view_literals;
  for (std::string_view magic : {"\x1f\x8b\x08"sv, "BZh9"sv, "\x28\xb5\x2f\xfd"sv}) {
    EXPECT_TRUE(is_archive(magic));
  }
  EXPECT_FALSE(is_archive(std::string(512, '\0')));
  EXPECT_FALSE(is_archive("FROM scratch\n" + std::string(600, ' ')));
}

}  // namespace
}  // namespace ktl::cli
