#include "lock/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/fd.h"
#include "base/sha256.h"
#include "oci/sample_image.h"
#include "oci/tar_output.h"
#include "oci/temp_folder.h"

namespace ktl::lock {
namespace {

using oci::must;
using testing::HasSubstr;

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() {
    lock_.files["http://a.example/f"] = must(here_.put("file", "")).digest;
    lock_.downloads = {{"RUN x", "http://a.example/d", must(here_.put("freight", "")).digest, 7}};
    lock_.images["r.example/app:1"] = oci::put_image(here_, "layer").digest;
  }
  Status write() { return write_archive(file_, to_text(lock_), here_); }
  // Reads the archive after `change`.
  Status read(const std::function<void(std::string&)>& change) {
    EXPECT_TRUE(write().ok());
    std::string text = must(read_file(file_, 1U << 20U));
    change(text);
    EXPECT_TRUE(write_file_atomic(file_, text).ok());
    return read_archive(file_, there_).status();
  }

  TempFolder temp_;
  const std::filesystem::path file_ = temp_.path() / "a.tar";
  const oci::Store here_ = oci::open_store(temp_.path() / "here");
  const oci::Store there_ = oci::open_store(temp_.path() / "there");
  Lock lock_;
};

TEST_F(ArchiveTest, BringsTheLockAndAllItNames) {
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(must(read_archive(file_, there_)), to_text(lock_));
  EXPECT_EQ(oci::count_blobs(temp_.path() / "there"), 5U);
  const std::string once = must(read_file(file_, 1U << 20U));
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(must(read_file(file_, 1U << 20U)), once);
}

TEST_F(ArchiveTest, IsNotWrittenWhenSomethingIsNotKept) {
  lock_.files["http://a.example/gone"] = digest_of("gone");
  const Status status = write();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("http://a.example/gone"));
  EXPECT_TRUE(std::filesystem::is_empty(temp_.path() / "there/blobs/sha256"));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(ArchiveTest, RefusesWhatIsNone) {
  const auto put = [](size_t at, const std::string& bytes) {
    return [=](std::string& text) { text.replace(at, bytes.size(), bytes); };
  };
  EXPECT_EQ(read(put(0, "x")).code(), Code::kInvalidArgument);    // another name, another sum
  EXPECT_EQ(read(put(257, "x")).code(), Code::kInvalidArgument);  // no ustar
  EXPECT_EQ(read(put(124, "7")).code(), Code::kInvalidArgument);  // another size
  EXPECT_EQ(read([](std::string& text) { text.resize(text.size() - 1024 - 1); }).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(read([](std::string& text) { text.clear(); }).code(), Code::kInvalidArgument);
  EXPECT_EQ(read([](std::string& text) { text = std::string(1024, '\0'); }).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(
      read([](std::string& text) { text.insert(0, oci::tar_header("../x", 0444, 0)); }).code(),
      Code::kInvalidArgument);
  EXPECT_EQ(
      read([](std::string& text) { text.insert(0, oci::tar_header("blobs/", 0755, 0)); }).code(),
      Code::kInvalidArgument);
  EXPECT_EQ(read_archive(temp_.path() / "nothing", there_).status().code(), Code::kNotFound);
}

TEST_F(ArchiveTest, RefusesABlobThatIsNotWhatItsNameSays) {
  EXPECT_EQ(
      read([](std::string& text) { text.replace(text.find("freight"), 7, "thgierf"); }).code(),
      Code::kDataLoss);
  EXPECT_FALSE(there_.size(digest_of("freight")).ok());
}

TEST_F(ArchiveTest, TakesSizesOfExtendedHeaders) {
  const std::string large =
      oci::tar_header("blobs/sha256/" + std::string(64, 'a'), 0444, int64_t{9} << 30U);
  EXPECT_THAT(read([&](std::string& text) { text.insert(0, large); }).message(),
              HasSubstr("cut off"));  // so it waited for 9 GiB
}

}  // namespace
}  // namespace ktl::lock
