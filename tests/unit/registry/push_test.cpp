#include "oci/registry/push.h"

#include <gtest/gtest.h>

#include <atomic>

#include "fake_registry.h"
#include "oci/sample_image.h"
#include "oci/temp_folder.h"
#include "oci/walk.h"

namespace ktl::oci {
namespace {

class PushTest : public testing::Test {
 protected:
  Registry open() {
    RegistryOptions options;
    options.first_pause_ms = 1;
    return {fake_, *parse_reference("r.example/app"), options};
  }
  size_t first(const std::string& part) {
    for (size_t i = 0; i < fake_.log.size(); ++i) {
      if (fake_.log[i].find(part) != std::string::npos) {
        return i;
      }
    }
    return SIZE_MAX;
  }
  TempFolder temp_;
  Store store_ = open_store(temp_.path());
  Descriptor root_ = put_image(store_, "layer");
  std::vector<Descriptor> blobs_ = must(walk(root_, documents_of(store_.blobs())));
  FakeRegistry fake_;
};

TEST_F(PushTest, BlobsThenTheManifestByDigestThenTheTag) {
  auto registry = open();
  std::atomic<int> done = 0;
  PushOptions options;
  options.on_blob = [&](const Descriptor&, int64_t, bool finished) { done += finished ? 1 : 0; };
  ASSERT_TRUE(push_content(registry, store_.blobs(), blobs_, options).ok());
  EXPECT_EQ(done, 3);
  EXPECT_EQ(fake_.blobs.size(), 2U);
  EXPECT_EQ(fake_.manifests.size(), 1U);
  EXPECT_EQ(fake_.log.back(), "PUT /v2/app/manifests/" + root_.digest);
  auto change = push_tag(registry, store_.blobs(), root_, "v1");
  ASSERT_TRUE(change.ok());
  EXPECT_FALSE(change->before);
  EXPECT_EQ(fake_.log.back(), "PUT /v2/app/manifests/v1");
  EXPECT_EQ(fake_.manifests.at("v1"), fake_.manifests.at(root_.digest));
}

TEST_F(PushTest, WhatIsThereDoesNotTravel) {
  auto registry = open();
  ASSERT_TRUE(push_content(registry, store_.blobs(), blobs_, {}).ok());
  fake_.log.clear();
  ASSERT_TRUE(push_content(registry, store_.blobs(), blobs_, {}).ok());
  EXPECT_EQ(first("POST"), SIZE_MAX);
}

TEST_F(PushTest, NoManifestWhenABlobFailed) {
  auto registry = open();
  fake_.refuses = "POST";
  EXPECT_EQ(push_content(registry, store_.blobs(), blobs_, {}).code(), Code::kPermissionDenied);
  EXPECT_TRUE(fake_.manifests.empty());
}

TEST_F(PushTest, StopsBeforeTheNextBlob) {
  auto registry = open();
  PushOptions options;
  options.stop = [] { return true; };
  EXPECT_EQ(push_content(registry, store_.blobs(), blobs_, options).code(), Code::kCancelled);
  EXPECT_TRUE(fake_.log.empty());
}

TEST_F(PushTest, DamageInTheStoreDoesNotReachTheRegistry) {
  auto registry = open();
  auto file = temp_.path() / BlobFolder::path_of(root_.digest);
  std::filesystem::remove(file);
  ASSERT_TRUE(write_file_atomic(file, "{}").ok());
  EXPECT_EQ(push_content(registry, store_.blobs(), blobs_, {}).code(), Code::kDataLoss);
  EXPECT_TRUE(fake_.manifests.empty());
}

TEST_F(PushTest, ATagIsGivenBack) {
  auto registry = open();
  auto other = put_image(store_, "another layer");
  auto parts = must(walk(other, documents_of(store_.blobs())));
  ASSERT_TRUE(push_content(registry, store_.blobs(), blobs_, {}).ok());
  ASSERT_TRUE(push_content(registry, store_.blobs(), parts, {}).ok());
  ASSERT_TRUE(push_tag(registry, store_.blobs(), root_, "v1").ok());
  auto change = must(push_tag(registry, store_.blobs(), other, "v1"));
  EXPECT_EQ(change.before, root_.digest);
  ASSERT_TRUE(restore_tag(registry, change).ok());
  EXPECT_EQ(fake_.manifests.at("v1"), fake_.manifests.at(root_.digest));
  auto fresh = must(push_tag(registry, store_.blobs(), other, "v2"));
  ASSERT_TRUE(restore_tag(registry, fresh).ok());
  EXPECT_FALSE(fake_.manifests.contains("v2"));
}

}  // namespace
}  // namespace ktl::oci
