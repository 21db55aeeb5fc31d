#include "build.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "base/base64.h"
#include "base/sha256.h"
#include "oci/media_types.h"
#include "solver/fake_builder.h"
#include "solver/fake_host.h"
#include "solver/http2_client.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {
namespace {

namespace content = containerd::services::content::v1;
using testing::FakeBuilder;
using testing::FakeHost;
using testing::Http2Client;
using testing::SessionPipe;

class PipeCarrier final : public testing::Carrier {
 public:
  explicit PipeCarrier(SessionPipe& pipe) : pipe_(pipe) {}
  Status send(std::string_view bytes) override {
    return pipe_.write(std::string(bytes)) ? Status() : Status(Code::kUnavailable, "closed");
  }
  std::optional<std::string> receive() override { return pipe_.read(); }

 private:
  SessionPipe& pipe_;
};

const std::string kConfig = R"({"os":"linux","architecture":"amd64"})";

std::string manifest_text() {
  return json::serialize(json::value{
      {"schemaVersion", 2},
      {"mediaType", oci::kManifestType},
      {"config",
       {{"mediaType", oci::kConfigType}, {"digest", digest_of(kConfig)}, {"size", kConfig.size()}}},
      {"layers", json::array()}});
}

// Puts a blob into the session's store in one message; the gRPC status code.
std::string put(Http2Client& client, const std::string& bytes) {
  const int32_t id = client.open("/containerd.services.content.v1.Content/Write",
                                 {{"buildkit-attachable-store-id", "export"}});
  content::WriteContentRequest request;
  request.set_action(content::COMMIT);
  request.set_ref(digest_of(bytes));
  request.set_expected(digest_of(bytes));
  request.set_data(bytes);
  client.send(id, request.SerializeAsString());
  client.end(id);
  return client.finish(id).code();
}

// Exports config and manifest as the OCI exporter does.
Status export_image(Rpc& /*solve*/, const testing::control::SolveRequest& /*request*/,
                    SessionPipe& pipe, testing::control::SolveResponse& response) {
  Http2Client client(std::make_unique<PipeCarrier>(pipe));
  EXPECT_EQ(put(client, kConfig), "0");
  const std::string code = put(client, manifest_text());
  if (code != "0") {
    return {Code::kUnknown, "exporter: code " + code};
  }
  (*response.mutable_exporterresponse())["containerimage.digest"] = digest_of(manifest_text());
  return Status();
}

class BuildTest : public ::testing::Test {
 protected:
  BuildTest() : folder_(std::filesystem::temp_directory_path() / "ktl-build-test") {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "Dockerfile") << "FROM scratch\n";
  }
  ~BuildTest() override { std::filesystem::remove_all(folder_); }

  void start(testing::SolveScript script, bool staging = true) {
    builder_ = std::make_unique<FakeBuilder>(std::move(script));
    builder_->progress = progress_;
    client_ = std::make_unique<ControlClient>(std::make_unique<Channel>(
        std::make_unique<SocketCarrier>(*connect_unix(builder_->path())), "localhost"));
    const json::value plan = {{"context", {{"dir", folder_.string()}}},
                              {"dockerfile", {{"dir", folder_.string()}, {"name", "Dockerfile"}}},
                              {"platforms", json::array()}};
    auto build = Build::make(*client_, host_, plan, {.platforms = {"linux/amd64"}},
                             {.staging = staging, .cache = "/nonexistent"});
    ASSERT_TRUE(build.ok()) << build.status().to_string();
    build_ = *std::move(build);
    ASSERT_TRUE(build_->start().ok());
  }
  Result<json::object> next() {
    return build_->next({[this](const Event& event) { events_.push_back(event); }, cancel_.get()});
  }
  // The "done" part of the next turn.
  json::value done() {
    auto turn = next();
    EXPECT_TRUE(turn.ok()) << turn.status().to_string();
    return turn.ok() && turn->contains("done") ? turn->at("done") : json::value();
  }

  std::filesystem::path folder_;
  UniqueFd cancel_{::eventfd(0, EFD_CLOEXEC)};
  FakeHost host_;
  std::unique_ptr<FakeBuilder> builder_;
  std::unique_ptr<ControlClient> client_;
  std::unique_ptr<Build> build_;
  std::vector<Event> events_;
  std::vector<testing::control::StatusResponse> progress_;  // what the builder will say
};

TEST_F(BuildTest, TheRootWaitsAtTheGateAndIsThenCommitted) {
  start(export_image);
  auto turn = next();
  ASSERT_TRUE(turn.ok()) << turn.status().to_string();
  const json::value& gate = turn->at("gate");
  EXPECT_EQ(*base64_decode(text_of(gate, "root_bytes")), manifest_text());
  EXPECT_EQ(text_of(*field_of(*field_of(gate, "solved"), "root"), "digest"),
            digest_of(manifest_text()));
  EXPECT_TRUE(host_.has(digest_of(kConfig)));
  EXPECT_FALSE(host_.has(digest_of(manifest_text())));
  ASSERT_TRUE(build_->resume(true, "").ok());
  const json::value end = done();
  EXPECT_TRUE(bool_of(end, "ok"));
  EXPECT_TRUE(host_.has(digest_of(manifest_text())));
  EXPECT_EQ(text_of(*field_of(*field_of(end, "solved"), "metadata"), "containerimage.digest"),
            digest_of(manifest_text()));
  EXPECT_FALSE(builder_->session_uuid.empty());
}

TEST_F(BuildTest, ARefusedRootEndsTheBuildWithTheReason) {
  start(export_image);
  ASSERT_TRUE(next().ok());
  ASSERT_TRUE(build_->resume(false, "secret in a layer").ok());
  const json::value end = done();
  EXPECT_FALSE(bool_of(end, "ok", true));
  EXPECT_EQ(text_of(*field_of(end, "error"), "message"), "refused: secret in a layer");
  EXPECT_FALSE(host_.has(digest_of(manifest_text())));
}

TEST_F(BuildTest, ARootThatNeverCameToTheGateFailsTheCall) {
  start([](auto&, auto&, auto&, auto& response) {
    (*response.mutable_exporterresponse())["containerimage.digest"] = digest_of("other");
    return Status();
  });
  EXPECT_EQ(next().status().code(), Code::kFailedPrecondition);
}

TEST_F(BuildTest, WithoutStagingThereIsNoRoot) {
  start([](auto&, auto&, auto&, auto&) { return Status(); }, false);
  const json::value end = done();
  EXPECT_TRUE(field_of(*field_of(end, "solved"), "root")->is_null());
}

TEST_F(BuildTest, AFullDiskHereIsNoFailureOfTheBuild) {
  host_.commits_fail = Code::kResourceExhausted;
  start([](auto&, auto&, SessionPipe& pipe, auto&) {
    Http2Client client(std::make_unique<PipeCarrier>(pipe));
    return Status(Code::kUnknown, "exporter: code " + put(client, kConfig));
  });
  const Status status = next().status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_EQ(status.message(), "the result could not be staged: the store does not take it");
}

TEST_F(BuildTest, ATransferThatFailsHereIsExplainedByItsOwnWords) {
  start([](auto&, auto&, SessionPipe& pipe, auto&) {
    Http2Client client(std::make_unique<PipeCarrier>(pipe));
    const int32_t id = client.open("/moby.filesync.v1.FileSync/DiffCopy",
                                   {{"dir-name", "context"}, {"exclude-patterns", "a[b"}});
    return Status(Code::kUnknown, "transfer: " + client.finish(id).code());
  });
  const json::value end = done();
  EXPECT_NE(text_of(*field_of(end, "error"), "message").find("a[b"), std::string_view::npos)
      << json::serialize(end);
}

TEST_F(BuildTest, AFolderTheBuildDoesNotShareIsRefused) {
  start(
      [](auto&, auto&, SessionPipe& pipe, auto&) {
        Http2Client client(std::make_unique<PipeCarrier>(pipe));
        const int32_t id =
            client.open("/moby.filesync.v1.FileSync/DiffCopy", {{"dir-name", "../etc"}});
        EXPECT_EQ(client.finish(id).code(), "5");
        return Status();
      },
      false);
  EXPECT_TRUE(bool_of(done(), "ok"));
}

TEST_F(BuildTest, AFailingStepIsExplained) {
  start([](auto&, auto&, auto&, auto&) {
    return Status(Code::kUnknown, "failed to solve: exit code: 7");
  });
  const json::value end = done();
  EXPECT_EQ(text_of(*field_of(end, "error"), "message"), "exit code: 7");
}

TEST_F(BuildTest, ProgressIsPublishedBeforeTheEnd) {
  testing::control::StatusResponse message;
  auto& vertex = *message.add_vertexes();
  vertex.set_digest("sha256:v");
  vertex.mutable_started()->set_seconds(1);
  vertex.mutable_completed()->set_seconds(2);
  progress_.push_back(message);
  start([](auto&, auto&, auto&, auto&) { return Status(); }, false);
  EXPECT_TRUE(bool_of(done(), "ok"));
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[0].type, "vertex.started/1");
  EXPECT_EQ(events_[1].type, "vertex.completed/1");
}

TEST_F(BuildTest, ABuilderThatDiesIsUnavailable) {
  std::promise<void> reached;
  start([&](Rpc& solve, auto&, auto&, auto&) {
    reached.set_value();
    while (!solve.cancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return Status(Code::kUnavailable, "stopped");
  });
  reached.get_future().wait();
  builder_->stop();
  const Status status = next().status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_TRUE(status.message().starts_with("the builder went away during the build"));
}

TEST_F(BuildTest, CancellingTellsTheBuilder) {
  std::promise<void> reached;
  std::promise<void> cancelled;
  start([&](Rpc& solve, auto&, auto&, auto&) {
    reached.set_value();
    while (!solve.cancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    cancelled.set_value();
    return Status(Code::kCancelled, "cancelled");
  });
  reached.get_future().wait();
  ASSERT_EQ(::eventfd_write(cancel_.get(), 1), 0);
  EXPECT_EQ(next().status().code(), Code::kCancelled);
  cancelled.get_future().wait();
}

TEST_F(BuildTest, ClosingAtTheGateCommitsNothing) {
  start(export_image);
  ASSERT_TRUE(next().ok());
  build_.reset();
  EXPECT_TRUE(host_.closed());
  EXPECT_FALSE(host_.has(digest_of(manifest_text())));
}

TEST_F(BuildTest, AMissingContextIsNotFound) {
  start([](auto&, auto&, auto&, auto&) { return Status(); }, false);
  const json::value plan = {{"context", {{"dir", (folder_ / "none").string()}}}};
  const Status status =
      Build::make(*client_, host_, plan, {}, {.staging = true, .cache = "/nonexistent"}).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("context"), std::string::npos);
}

TEST_F(BuildTest, TheBuilderSaysWhatItIs) {
  start([](auto&, auto&, auto&, auto&) { return Status(); }, false);
  auto info = client_->info();
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->version, "v9.9.9");
  EXPECT_EQ(info->platforms, std::vector<std::string>{"linux/arm/v7"});
}

}  // namespace
}  // namespace ktl::solver
