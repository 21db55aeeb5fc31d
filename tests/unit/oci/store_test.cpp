#include "oci/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "oci/index_file.h"
#include "oci/prune.h"
#include "oci/walk.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;

TEST(Store, KeepsBytesUnderTheirDigest) {
  TempFolder temp;
  Store store = open_store(temp.path() / "deep" / "store");
  auto made = must(store.put("hello", kLayerType));
  EXPECT_EQ(made.digest, digest_of("hello"));
  EXPECT_EQ(must(store.size(made.digest)), 5);
  EXPECT_EQ(must(store.blobs().read(made.digest, 5)), "hello");
  EXPECT_EQ(store.blobs().read(made.digest, 4).status().code(), Code::kResourceExhausted);
  struct stat info{};
  ASSERT_EQ(::stat((store.folder() / BlobFolder::path_of(made.digest)).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0444U);
}

TEST(Store, RefusesBytesOfAnotherDigest) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto fd = must(store.create());
  ASSERT_TRUE(write_all(fd.get(), "hello").ok());
  EXPECT_EQ(store.commit(fd.get(), digest_of("other")).code(), Code::kDataLoss);
  EXPECT_EQ(store.commit(fd.get(), "sha256:../../x").code(), Code::kInvalidArgument);
  EXPECT_EQ(count_blobs(temp.path()), 0U);
  EXPECT_EQ(store.size(digest_of("other")).status().code(), Code::kNotFound);
}

TEST(Store, TakesTheSameBlobTwice) {
  TempFolder temp;
  Store store = open_store(temp.path());
  EXPECT_TRUE(store.put("x", kLayerType).ok());
  EXPECT_TRUE(store.put("x", kLayerType).ok());
  EXPECT_EQ(count_blobs(temp.path()), 1U);
}

TEST(Store, ReadsNothingThroughALinkOutOfTheFolder) {
  TempFolder temp;
  Store store = open_store(temp.path() / "store");
  std::string digest = digest_of("secret");
  ASSERT_TRUE(write_file_atomic(temp.path() / "secret", "secret").ok());
  fs::create_symlink(temp.path() / "secret", store.folder() / BlobFolder::path_of(digest));
  EXPECT_FALSE(store.open_blob(digest).ok());
}

TEST(Store, FindsDamage) {
  TempFolder temp;
  Store store = open_store(temp.path());
  std::string digest = digest_of("whole");
  ASSERT_TRUE(write_file_atomic(temp.path() / BlobFolder::path_of(digest), "half").ok());
  EXPECT_EQ(store.blobs().read(digest, 100).status().code(), Code::kDataLoss);
}

TEST(Store, CommitsFilesOfTheIngestFolderToo) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto fd = must(open_file(temp.path() / "ingest/w1", O_RDWR | O_CREAT));
  ASSERT_TRUE(write_all(fd.get(), "named").ok());
  EXPECT_TRUE(store.commit(fd.get(), digest_of("named")).ok());
  EXPECT_FALSE(fs::exists(temp.path() / "ingest/w1"));
  EXPECT_EQ(must(store.size(digest_of("named"))), 5);
  auto foreign = must(open_file(temp.path() / "foreign", O_RDWR | O_CREAT));
  ASSERT_TRUE(write_all(foreign.get(), "f").ok());
  EXPECT_EQ(store.commit(foreign.get(), digest_of("f")).code(), Code::kInvalidArgument);
}

TEST(Store, SweepsWhatInterruptedWritersLeft) {
  TempFolder temp;
  fs::path old_file = temp.path() / "ingest/old";
  fs::path new_file = temp.path() / "ingest/new";
  {
    open_store(temp.path());
  }
  ASSERT_TRUE(write_file_atomic(old_file, "x").ok());
  ASSERT_TRUE(write_file_atomic(new_file, "x").ok());
  fs::last_write_time(old_file, fs::file_time_type::clock::now() - std::chrono::hours(2));
  {
    open_store(temp.path());
  }
  EXPECT_FALSE(fs::exists(old_file));
  EXPECT_TRUE(fs::exists(new_file));
}

TEST(Walk, GivesChildrenBeforeTheirParentsAndEachOnce) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto image = put_image(store, "layer");
  Index index;
  index.manifests = {image, image};
  auto root = must(store.put(to_text(index), kIndexType));
  auto parts = must(walk(root, documents_of(store.blobs())));
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].media_type, kLayerType);
  EXPECT_EQ(parts[2].digest, image.digest);
  EXPECT_EQ(parts[3].digest, root.digest);
}

TEST(Walk, StopsAtItsLimits) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto node = put_image(store, "layer");
  for (int i = 0; i < 10; ++i) {
    Index index;
    index.manifests = {node};
    node = must(store.put(to_text(index), kIndexType));
  }
  EXPECT_EQ(walk(node, documents_of(store.blobs())).status().code(), Code::kResourceExhausted);
  EXPECT_TRUE(walk(node, documents_of(store.blobs()), {.depth = 20}).ok());
  EXPECT_EQ(walk(node, documents_of(store.blobs()), {.depth = 20, .blobs = 5}).status().code(),
            Code::kResourceExhausted);
}

TEST(Walk, RefusesDocumentsOfAnotherSize) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto image = put_image(store, "layer");
  ++image.size;
  EXPECT_EQ(walk(image, documents_of(store.blobs())).status().code(), Code::kDataLoss);
}

TEST(Prune, RemovesOnlyWhatNoNameNeeds) {
  TempFolder temp;
  Descriptor kept;
  {
    Store store = open_store(temp.path());
    kept = put_image(store, "kept");
    put_image(store, "dropped!");
    ASSERT_TRUE(update_index_file(temp.path(), [&](Index& index) {
                  put_entry(index, named(kept, *parse_tag("app"), NameStyle::kFull));
                  return Status();
                }).ok());
    EXPECT_EQ(prune(temp.path(), 0).status().code(), Code::kUnavailable);
  }
  EXPECT_EQ(must(prune(temp.path(), 3600)).blobs, 0);
  EXPECT_EQ(must(prune(temp.path(), 0)).blobs, 3);
  Store store = open_store(temp.path());
  EXPECT_EQ(must(walk(kept, documents_of(store.blobs()))).size(), 3U);
}

TEST(IndexFile, ReplacesTheImageOfTheSameNameOnly) {
  TempFolder temp;
  Store store = open_store(temp.path());
  auto put = [&](const Descriptor& image, const char* name) {
    return update_index_file(temp.path(), [&](Index& index) {
      put_entry(index, named(image, *parse_tag(name), NameStyle::kFull));
      return Status();
    });
  };
  auto one = put_image(store, "1");
  auto two = put_image(store, "22");
  ASSERT_TRUE(put(one, "app").ok());
  ASSERT_TRUE(put(one, "ghcr.io/me/app").ok());
  ASSERT_TRUE(put(two, "app").ok());
  ASSERT_TRUE(put(two, "app").ok());
  Index index = must(read_index_file(temp.path()));
  EXPECT_EQ(index.manifests.size(), 2U);
  EXPECT_EQ(find_entry(index, *parse_tag("app"))->digest, two.digest);
  EXPECT_EQ(find_entry(index, *parse_tag("ghcr.io/me/app"))->digest, one.digest);
  EXPECT_EQ(find_entry(index, *parse_tag("app:2")), nullptr);
}

TEST(IndexFile, AFailedChangeChangesNothing) {
  TempFolder temp;
  open_store(temp.path());
  auto status = update_index_file(temp.path(), [](Index& index) {
    index.annotations["x"] = "y";
    return Status(Code::kAborted, "no");
  });
  EXPECT_EQ(status.code(), Code::kAborted);
  EXPECT_TRUE(must(read_index_file(temp.path())).annotations.empty());
}

}  // namespace
}  // namespace ktl::oci
