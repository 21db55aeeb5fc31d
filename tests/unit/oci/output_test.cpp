// FolderOutput, TarOutput and the lock that guards them.
#include <gtest/gtest.h>

#include <thread>

#include "base/sha256.h"
#include "oci/folder_output.h"
#include "oci/index_file.h"
#include "oci/output_lock.h"
#include "oci/tar_output.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;

class OutputTest : public testing::Test {
 protected:
  LayoutImage image(const std::string& layer, const char* name = "app") {
    return must(layout_image(store_.blobs(), put_image(store_, layer), {*parse_tag(name)}));
  }
  Status write(const fs::path& folder, const LayoutImage& what) {
    KTL_ASSIGN(FolderOutput output, FolderOutput::stage(folder, store_.blobs(), what));
    return output.commit();
  }
  size_t entries() { return static_cast<size_t>(std::distance(fs::directory_iterator(out_), {})); }
  TempFolder temp_;
  Store store_ = open_store(temp_.path() / "store");
  fs::path out_ = temp_.path() / "out";
  void SetUp() override { fs::create_directory(out_); }
};

TEST_F(OutputTest, AFolderAppearsWholeOrNotAtAll) {
  auto staged = must(FolderOutput::stage(out_ / "img", store_.blobs(), image("a")));
  EXPECT_FALSE(fs::exists(out_ / "img"));
  staged.rollback();
  EXPECT_EQ(entries(), 0U);
  staged = must(FolderOutput::stage(out_ / "img", store_.blobs(), image("a")));
  ASSERT_TRUE(staged.commit().ok());
  staged.rollback();  // after the commit: nothing
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(count_blobs(out_ / "img"), 3U);
  Index index = must(read_index_file(out_ / "img"));
  EXPECT_EQ(index.manifests.at(0).annotations.at(std::string(kRefNameAnnotation)), "latest");
  EXPECT_EQ(entry_name(index.manifests.at(0)), "docker.io/library/app:latest");
}

TEST_F(OutputTest, AnEmptyFolderIsTaken) {
  fs::create_directory(out_ / "img");
  ASSERT_TRUE(write(out_ / "img", image("a")).ok());
  EXPECT_EQ(must(judge_folder(out_ / "img")), FolderState::kLayout);
}

TEST_F(OutputTest, WritingAgainDoesNotLetTheFolderGrow) {
  for (const char* layer : {"1", "22", "333", "333"}) {
    ASSERT_TRUE(write(out_ / "img", image(layer)).ok());
    EXPECT_EQ(count_blobs(out_ / "img"), 3U);
    EXPECT_EQ(must(read_index_file(out_ / "img")).manifests.size(), 1U);
  }
  ASSERT_TRUE(write(out_ / "img", image("4444", "other")).ok());
  EXPECT_EQ(count_blobs(out_ / "img"), 6U);
}

TEST_F(OutputTest, RollbackLeavesAnExistingLayoutAsItWas) {
  ASSERT_TRUE(write(out_ / "img", image("1")).ok());
  auto before = must(read_file(out_ / "img/index.json", 1U << 20U));
  auto staged = must(FolderOutput::stage(out_ / "img", store_.blobs(), image("22")));
  EXPECT_EQ(must(read_file(out_ / "img/index.json", 1U << 20U)), before);
  staged.rollback();
  EXPECT_EQ(count_blobs(out_ / "img"), 3U);
}

TEST_F(OutputTest, AFolderWithOtherThingsIsRefused) {
  ASSERT_TRUE(write_file_atomic(out_ / "thesis.txt", "precious").ok());
  EXPECT_EQ(judge_folder(out_).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(judge_folder(out_ / "thesis.txt").status().code(), Code::kFailedPrecondition);
  EXPECT_FALSE(FolderOutput::stage(out_, store_.blobs(), image("a")).ok());
  EXPECT_EQ(entries(), 1U);
}

TEST_F(OutputTest, MissingBlobsAreFoundBeforeAnythingIsWritten) {
  auto root = put_image(store_, "lost layer");
  fs::remove(store_.folder() / BlobFolder::path_of(digest_of("lost layer")));
  EXPECT_EQ(layout_image(store_.blobs(), root, {}).status().code(), Code::kNotFound);
}

TEST_F(OutputTest, CopiesWhereLinksDoNotReach) {
  auto what = image("copied");
  fs::create_directories(out_ / "l/blobs/sha256");
  auto to = must(BlobFolder::open(out_ / "l"));
  // A file of another size in the blob's place is replaced, which no link can do.
  const auto& blob = what.blobs[0];
  ASSERT_TRUE(write_file_atomic(out_ / "l" / BlobFolder::path_of(blob.digest), "junk").ok());
  EXPECT_TRUE(must(place_blob(store_.blobs(), to, blob)));
  EXPECT_EQ(must(to.size(blob.digest)), blob.size);
  EXPECT_FALSE(must(place_blob(store_.blobs(), to, blob)));
  EXPECT_EQ(count_blobs(out_ / "l"), 1U);
}

TEST_F(OutputTest, ATarIsTheSameEveryTime) {
  auto what = image(std::string(1000, 'x'));
  std::string first;
  for (int i = 0; i < 2; ++i) {
    auto staged = must(TarOutput::stage(out_ / "a.tar", store_.blobs(), what));
    ASSERT_TRUE(staged.commit().ok());
    auto bytes = must(read_file(out_ / "a.tar", 1U << 20U));
    EXPECT_TRUE(first.empty() || first == bytes);
    first = bytes;
  }
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(first.size() % 512, 0U);
}

TEST_F(OutputTest, ATarThatFailsLeavesTheOldFile) {
  ASSERT_TRUE(write_file_atomic(out_ / "a.tar", "old").ok());
  auto what = image("x");
  what.blobs[0].size += 1;  // the store does not hold that many bytes
  EXPECT_EQ(TarOutput::stage(out_ / "a.tar", store_.blobs(), what).status().code(),
            Code::kDataLoss);
  EXPECT_EQ(must(read_file(out_ / "a.tar", 100)), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST(TarHeader, UsesAPaxRecordBeyondEightGigabytes) {
  EXPECT_EQ(tar_header("n", 0644, 077777777777).size(), 512U);
  std::string big = tar_header("n", 0644, 077777777777 + 1);
  ASSERT_EQ(big.size(), 3 * 512U);
  EXPECT_EQ(big[156], 'x');
  EXPECT_EQ(big.substr(512, 19), "19 size=8589934592\n");
}

TEST_F(OutputTest, OnlyOneWriterAtATime) {
  auto never = [] { return false; };
  fs::path goal = out_ / "img";
  {
    auto held = must(OutputLock::acquire(goal, 0, never));
    auto second = OutputLock::acquire(goal, 100, never);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.status().code(), Code::kUnavailable);
    EXPECT_NE(second.status().message().find(goal.string()), std::string::npos);
    EXPECT_EQ(OutputLock::acquire(goal, 1000, [] { return true; }).status().code(),
              Code::kCancelled);
  }
  EXPECT_EQ(entries(), 0U);
  EXPECT_TRUE(OutputLock::acquire(goal, 0, never).ok());
}

TEST_F(OutputTest, TheSecondWriterGoesOnWhenTheFirstIsDone) {
  auto never = [] { return false; };
  auto held = std::make_unique<OutputLock>(must(OutputLock::acquire(out_ / "i", 0, never)));
  std::thread waiter([&] { EXPECT_TRUE(OutputLock::acquire(out_ / "i", 10'000, never).ok()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(80));
  held.reset();
  waiter.join();
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace ktl::oci
