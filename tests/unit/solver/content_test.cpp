#include "services/content.h"

#include <gtest/gtest.h>

#include <future>

#include "base/json.h"
#include "oci/media_types.h"
#include "solver/fake_host.h"
#include "solver/http2_client.h"

namespace ktl::solver {
namespace {

namespace v1 = containerd::services::content::v1;
using testing::Answer;
using testing::FakeHost;
using testing::Http2Client;

const std::string kService = "/containerd.services.content.v1.Content/";
const std::vector<std::pair<std::string, std::string>> kStore{
    {"buildkit-attachable-store-id", "export"}};

std::string manifest_text() {
  return json::serialize(json::value{
      {"schemaVersion", 2},
      {"mediaType", oci::kManifestType},
      {"config", {{"mediaType", oci::kConfigType}, {"digest", digest_of("c")}, {"size", 1}}},
      {"layers", json::array()}});
}

class Content : public ::testing::Test {
 protected:
  // One message in, the call's end out.
  template <class Request>
  const Answer& call(const std::string& method, const Request& request) {
    const int32_t id = client_.open(kService + method, kStore);
    client_.send(id, request.SerializeAsString());
    client_.end(id);
    return client_.finish(id);
  }

  // The three messages by which containerd writes a small blob.
  const Answer& write(const std::string& bytes, const std::string& digest) {
    const int32_t id = client_.open(kService + "Write", kStore);
    v1::WriteContentRequest request;
    request.set_action(v1::STAT);
    request.set_ref("ref-" + digest);
    request.set_total(static_cast<int64_t>(bytes.size()));
    request.set_expected(digest);
    client_.send(id, request.SerializeAsString());
    v1::WriteContentRequest data;
    data.set_action(v1::WRITE);
    data.set_data(bytes);
    client_.send(id, data.SerializeAsString());
    v1::WriteContentRequest commit;
    commit.set_action(v1::COMMIT);
    commit.set_offset(static_cast<int64_t>(bytes.size()));
    commit.set_total(static_cast<int64_t>(bytes.size()));
    commit.set_expected(digest);
    client_.send(id, commit.SerializeAsString());
    client_.end(id);
    return client_.finish(id);
  }

  void answer_gate(bool allow) {
    decided_ = std::async(std::launch::async, [this, allow] {
      opened_.get_future().wait();
      EXPECT_FALSE(host_.has(gate_.waiting()->digest));
      EXPECT_TRUE(gate_.resume(allow, "no").ok());
    });
  }

  FakeHost host_;
  std::promise<void> opened_;
  Gate gate_{false, [this] { opened_.set_value(); }};
  ContentService service_{host_, &gate_};
  ContentStores stores_{{"export", &service_}};
  testing::DirectServer server_{content_methods(stores_)};
  Http2Client client_{server_};
  std::future<void> decided_;
};

TEST_F(Content, StoresABlobAndAnswersEachStep) {
  const Answer& answer = write("layer", digest_of("layer"));
  ASSERT_EQ(answer.code(), "0");
  ASSERT_EQ(answer.messages().size(), 3U);
  v1::WriteContentResponse last;
  ASSERT_TRUE(last.ParseFromString(answer.messages()[2]));
  EXPECT_EQ(last.offset(), 5);
  EXPECT_EQ(last.digest(), digest_of("layer"));
  EXPECT_EQ(host_.blobs.at(digest_of("layer")), "layer");
}

TEST_F(Content, KnownBlobsDoNotTravel) {
  host_.blobs[digest_of("layer")] = "layer";
  const Answer& answer = write("layer", digest_of("layer"));
  EXPECT_EQ(answer.code(), "6");
  EXPECT_TRUE(answer.messages().empty());
  v1::InfoRequest info;
  info.set_digest(digest_of("layer"));
  EXPECT_EQ(call("Info", info).code(), "0");
}

TEST_F(Content, AManifestIsCommittedAfterTheGate) {
  const std::string text = manifest_text();
  answer_gate(true);
  EXPECT_EQ(write(text, digest_of(text)).code(), "0");
  EXPECT_TRUE(host_.has(digest_of(text)));
}

TEST_F(Content, ARefusedManifestIsNotCommitted) {
  const std::string text = manifest_text();
  answer_gate(false);
  const Answer& answer = write(text, digest_of(text));
  EXPECT_EQ(answer.code(), "7");
  EXPECT_EQ(answer.headers.at("grpc-message"), "refused by ktl: no");
  EXPECT_FALSE(host_.has(digest_of(text)));
}

TEST_F(Content, AKnownManifestPassesTheGateAgain) {
  const std::string text = manifest_text();
  host_.blobs[digest_of(text)] = text;
  v1::InfoRequest info;
  info.set_digest(digest_of(text));
  EXPECT_EQ(call("Info", info).code(), "5");
  decided_ = std::async(std::launch::async, [this] {
    opened_.get_future().wait();
    EXPECT_TRUE(gate_.resume(true, "").ok());
  });
  EXPECT_EQ(write(text, digest_of(text)).code(), "0");
  EXPECT_EQ(call("Info", info).code(), "0");
}

TEST_F(Content, AManifestUnderAWrongDigestNeverReachesTheGate) {
  EXPECT_EQ(write(manifest_text(), digest_of("other")).code(), "15");
  EXPECT_FALSE(gate_.waiting().has_value());
}

TEST_F(Content, AWrongDigestIsDataLoss) {
  EXPECT_EQ(write("layer", digest_of("other")).code(), "15");
  EXPECT_TRUE(host_.blobs.empty());
}

TEST_F(Content, WritesMustFollowEachOtherAndKeepToTheirSize) {
  const int32_t gap = client_.open(kService + "Write", kStore);
  v1::WriteContentRequest request;
  request.set_action(v1::WRITE);
  request.set_ref("r");
  request.set_offset(7);
  request.set_data("x");
  client_.send(gap, request.SerializeAsString());
  EXPECT_EQ(client_.finish(gap).code(), "11");

  const int32_t large = client_.open(kService + "Write", kStore);
  request.set_offset(0);
  request.set_total(2);
  request.set_data("xyz");
  client_.send(large, request.SerializeAsString());
  EXPECT_EQ(client_.finish(large).code(), "11");

  const int32_t early = client_.open(kService + "Write", kStore);
  request.set_action(v1::COMMIT);
  request.set_data("x");
  request.set_expected(digest_of("x"));
  client_.send(early, request.SerializeAsString());
  EXPECT_EQ(client_.finish(early).code(), "9");
}

TEST_F(Content, AWriteThatStartsOverReplacesWhatCame) {
  const int32_t id = client_.open(kService + "Write", kStore);
  v1::WriteContentRequest request;
  request.set_action(v1::WRITE);
  request.set_ref("r");
  for (const char* data : {"wrong", "right"}) {
    request.set_data(data);
    client_.send(id, request.SerializeAsString());
  }
  request.set_action(v1::COMMIT);
  request.clear_data();
  request.set_offset(5);
  client_.send(id, request.SerializeAsString());
  EXPECT_EQ(client_.finish(id).code(), "0");
  EXPECT_TRUE(host_.has(digest_of("right")));
}

TEST_F(Content, ListsWhatIsBeingWrittenAndLocksIt) {
  const int32_t id = client_.open(kService + "Write", kStore);
  v1::WriteContentRequest request;
  request.set_action(v1::WRITE);
  request.set_ref("busy");
  request.set_data("abc");
  client_.send(id, request.SerializeAsString());
  ASSERT_TRUE(client_.flush().ok());
  while (client_.answer(id).messages().empty()) {
    client_.fill();
  }
  v1::StatusRequest status;
  status.set_ref("busy");
  const Answer& answer = call("Status", status);
  v1::StatusResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.messages().at(0)));
  EXPECT_EQ(response.status().offset(), 3);
  v1::ListStatusesResponse list;
  ASSERT_TRUE(
      list.ParseFromString(call("ListStatuses", v1::ListStatusesRequest()).messages().at(0)));
  EXPECT_EQ(list.statuses_size(), 1);
  const int32_t second = client_.open(kService + "Write", kStore);
  client_.send(second, request.SerializeAsString());
  EXPECT_EQ(client_.finish(second).code(), "14");
  client_.end(id);
  EXPECT_EQ(client_.finish(id).code(), "0");
  EXPECT_EQ(call("Status", status).code(), "5");
  EXPECT_TRUE(host_.blobs.empty());
}

TEST_F(Content, ReadsARangeOfABlob) {
  host_.blobs[digest_of("0123456789")] = "0123456789";
  v1::ReadContentRequest request;
  request.set_digest(digest_of("0123456789"));
  request.set_offset(2);
  request.set_size(3);
  v1::ReadContentResponse response;
  ASSERT_TRUE(response.ParseFromString(call("Read", request).messages().at(0)));
  EXPECT_EQ(response.data(), "234");
  request.set_size(INT64_MAX);
  ASSERT_TRUE(response.ParseFromString(call("Read", request).messages().at(0)));
  EXPECT_EQ(response.data(), "23456789");
  request.set_offset(11);
  EXPECT_EQ(call("Read", request).code(), "11");
}

TEST_F(Content, OtherStoresAndDigestsAreRefused) {
  v1::InfoRequest info;
  info.set_digest("md5:abc");
  EXPECT_EQ(call("Info", info).code(), "3");
  const int32_t id = client_.open(kService + "Info", {{"buildkit-attachable-store-id", "local:/"}});
  client_.send(id, info.SerializeAsString());
  client_.end(id);
  EXPECT_EQ(client_.finish(id).code(), "5");
}

}  // namespace
}  // namespace ktl::solver
