#include "lock/keep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "lock/fake_web.h"
#include "lock/keep_images.h"
#include "lock/kept_content.h"
#include "oci/manifest.h"
#include "oci/sample_image.h"
#include "oci/temp_folder.h"

namespace ktl::lock {
namespace {

using oci::must;
using testing::HasSubstr;

const std::string kUrl = "http://a.example/x";

class KeepTest : public testing::Test {
 protected:
  // The lock of one request that got `body`.
  Lock lock_of(RecordedRequest request) {
    Recorded recorded;
    recorded.requests = {std::move(request)};
    return must(Keep(web_, store_).lock(recorded));
  }
  static RecordedRequest got(const std::string& body) {
    return {"RUN x", "GET", kUrl, 200, digest_of(body), ""};
  }
  std::string reason_of(RecordedRequest request) {
    const Lock lock = lock_of(std::move(request));
    EXPECT_TRUE(lock.downloads.empty());
    return lock.not_lockable.size() == 1 ? lock.not_lockable[0].reason : "none";
  }

  TempFolder temp_;
  oci::Store store_ = oci::open_store(temp_.path());
  FakeWeb web_;
};

TEST_F(KeepTest, LocksAndKeepsWhatIsTheSameTwice) {
  web_.put(kUrl, "body", "text/html");
  const Lock lock = lock_of(got("body"));
  ASSERT_EQ(lock.downloads.size(), 1U);
  EXPECT_EQ(lock.downloads[0], (Download{"RUN x", kUrl, digest_of("body"), 4, "text/html"}));
  EXPECT_EQ(must(store_.blobs().read(digest_of("body"), 100)), "body");
  EXPECT_EQ(web_.log.size(), 1U);
}

TEST_F(KeepTest, AsksOnceForEachContent) {
  web_.put(kUrl, "body");
  Recorded recorded;
  recorded.requests = {got("body"), got("body")};
  recorded.requests[1].step = "RUN y";
  EXPECT_EQ(must(Keep(web_, store_).lock(recorded)).downloads.size(), 2U);
  EXPECT_EQ(web_.log.size(), 1U);
}

TEST_F(KeepTest, TriesWhatIndexesAreAskedWith) {
  web_.put(kUrl, "html");
  web_.put(kUrl, "json");
  EXPECT_EQ(lock_of(got("json")).downloads.size(), 1U);
  EXPECT_EQ(web_.log.size(), 2U);
}

TEST_F(KeepTest, LocksNoContentThatChanges) {
  web_.put(kUrl, "other");
  EXPECT_THAT(reason_of(got("body")), HasSubstr("another content"));
  EXPECT_EQ(web_.log.size(), 2U);  // the server does not care what is accepted
  EXPECT_EQ(store_.size(digest_of("other")).status().code(), Code::kNotFound);
}

TEST_F(KeepTest, LocksNothingButWholeGets) {
  web_.put(kUrl, "body");
  RecordedRequest request = got("body");
  request.method = "POST";
  EXPECT_THAT(reason_of(request), HasSubstr("POST"));
  request.method = "HEAD";
  EXPECT_THAT(reason_of(request), HasSubstr("HEAD"));
  request.method = "GET";
  for (const auto& [status, word] : std::map<int64_t, std::string>{
           {206, "part"}, {302, "elsewhere"}, {404, "404"}, {204, "204"}, {0, "no answer"}}) {
    request.status = status;
    EXPECT_THAT(reason_of(request), HasSubstr(word));
  }
  request = got("body");
  request.digest.clear();
  EXPECT_THAT(reason_of(request), HasSubstr("digest"));
  request = got("body");
  request.reason = "it asks for a part";
  EXPECT_EQ(reason_of(request), "it asks for a part");
  request = got("body");
  request.url = "http://u:p@a.example/x";
  EXPECT_THAT(reason_of(request), HasSubstr("password"));
  EXPECT_TRUE(web_.log.empty());
}

TEST_F(KeepTest, LocksNothingThatTheServerKeepsToItself) {
  EXPECT_THAT(reason_of(got("body")), HasSubstr("404"));
  web_.answers[kUrl] = {{200, {{"content-encoding", "gzip"}}, "body"}};
  EXPECT_THAT(reason_of(got("body")), HasSubstr("gzip"));
  web_.broken = Status(Code::kUnavailable, "nobody there");
  EXPECT_THAT(reason_of(got("body")), HasSubstr("nobody there"));
}

TEST_F(KeepTest, StopsWhenItIsTold) {
  web_.broken = Status(Code::kCancelled, "stop");
  Recorded recorded;
  recorded.requests = {got("body")};
  EXPECT_EQ(Keep(web_, store_).lock(recorded).status().code(), Code::kCancelled);
}

TEST_F(KeepTest, LocksNoStepThatGotTwoContentsFromOnePlace) {
  web_.put(kUrl, "one");
  web_.put(kUrl, "two");
  Recorded recorded;
  recorded.requests = {got("one"), got("two")};
  const Lock lock = must(Keep(web_, store_).lock(recorded));
  EXPECT_TRUE(lock.downloads.empty());
  EXPECT_EQ(lock.not_lockable.size(), 1U);
}

TEST_F(KeepTest, LocksFilesThatItCannotHave) {
  web_.answers["http://a.example/moved"] = {{302, {{"location", "/x"}}, ""}};
  web_.put(kUrl, "body");
  Recorded recorded;
  recorded.files = {{"http://a.example/moved", digest_of("body")},
                    {"http://gone.example/", digest_of("gone")}};
  Keep keep(web_, store_);
  const Lock lock = must(keep.lock(recorded));
  EXPECT_EQ(lock.files, recorded.files);
  EXPECT_TRUE(store_.size(digest_of("body")).ok());
  ASSERT_EQ(keep.not_kept().size(), 1U);
  EXPECT_THAT(keep.not_kept().at("http://gone.example/"), HasSubstr("404"));
}

// A registry with an index of two platforms whose images differ in their layer.
class KeepImages : public KeepTest {
 protected:
  void put(const oci::Store& from, const std::string& kind, const oci::Descriptor& blob) {
    web_.put("https://r.example/v2/app/" + kind + "/" + blob.digest,
             must(from.blobs().read(blob.digest, 1000)));
  }
  oci::Descriptor publish(const std::string& layer, const std::string& architecture) {
    oci::Descriptor root = oci::put_image(source_, layer);
    root.platform = oci::Platform{"linux", architecture, "", ""};
    const std::string text = must(source_.blobs().read(root.digest, 1000));
    const oci::Manifest manifest = must(oci::parse_manifest(text));
    put(source_, "manifests", root);
    put(source_, "blobs", manifest.config);
    put(source_, "blobs", manifest.layers[0]);
    return root;
  }
  std::string publish_index() {
    oci::Index index;
    index.media_type = std::string(oci::kIndexType);
    index.manifests = {publish("amd", "amd64"), publish("arm!", "arm64")};
    const oci::Descriptor root = must(source_.put(oci::to_text(index), oci::kIndexType));
    put(source_, "manifests", root);
    return root.digest;
  }
  Status keep(const std::string& digest) {
    oci::RegistryOptions options{.only_reads = true, .attempts = 1};
    oci::Registry registry(web_, must(oci::parse_reference("r.example/app")), options);
    return keep_image(registry, store_, digest, {"linux/arm64/v8"});
  }

  TempFolder other_;
  oci::Store source_ = oci::open_store(other_.path());
};

TEST_F(KeepImages, ThePlatformsThatAreWanted) {
  const std::string digest = publish_index();
  ASSERT_TRUE(keep(digest).ok()) << keep(digest).to_string();
  EXPECT_TRUE(store_.size(digest).ok());
  EXPECT_TRUE(store_.size(digest_of("arm!")).ok());
  EXPECT_FALSE(store_.size(digest_of("amd")).ok());
  Lock lock;
  lock.images["r.example/app:1"] = digest;
  EXPECT_EQ(must(content_of(lock, store_)).size(), 4U);
  const size_t asked = web_.log.size();
  EXPECT_TRUE(keep(digest).ok());
  EXPECT_EQ(web_.log.size(), asked);  // nothing travels twice
}

TEST_F(KeepImages, SayWhatIsMissing) {
  const std::string digest = publish_index();
  web_.answers.erase("https://r.example/v2/app/blobs/" + digest_of("arm!"));
  EXPECT_THAT(keep(digest).message(), HasSubstr("r.example/app"));
  Lock lock;
  lock.images["r.example/app:1"] = digest;
  EXPECT_EQ(content_of(lock, store_).status().code(), Code::kNotFound);
}

TEST(KeptContent, WhatWasNotUsedForTheLongestGoesFirst) {
  TempFolder temp;
  std::vector<std::string> digests;
  {
    const oci::Store store = oci::open_store(temp.path());
    for (const char* body : {"aaaa", "bbbb", "cccc"}) {
      digests.push_back(must(store.put(body, "")).digest);
      std::filesystem::last_write_time(
          temp.path() / oci::BlobFolder::path_of(digests.back()),
          std::filesystem::file_time_type::clock::now() -
              std::chrono::hours(10 - static_cast<int>(digests.size())));
    }
    mark_kept(store, digests[0]);
    EXPECT_EQ(prune_kept(temp.path(), 0).status().code(), Code::kUnavailable);
  }
  EXPECT_EQ(must(prune_kept(temp.path(), 8)).bytes, 4);
  const oci::Store store = oci::open_store(temp.path());
  EXPECT_TRUE(store.size(digests[0]).ok());
  EXPECT_FALSE(store.size(digests[1]).ok());
  EXPECT_TRUE(store.size(digests[2]).ok());
}

}  // namespace
}  // namespace ktl::lock
