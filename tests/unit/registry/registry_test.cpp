#include "oci/registry/registry.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "base/base64.h"
#include "fake_registry.h"
#include "oci/media_types.h"

namespace ktl::oci {
namespace {

constexpr const char* kBearer = R"(Bearer realm="https://auth.example/token?x=1",service="reg")";

class RegistryTest : public testing::Test {
 protected:
  Registry open(const std::string& name = "r.example/app") {
    RegistryOptions options;
    options.first_pause_ms = 1;
    if (!user_.empty()) {
      options.credentials = [this](std::string_view registry) {
        asked_ = registry;
        return Result<std::optional<Credentials>>(Credentials(user_, secret_));
      };
    }
    return {fake_, *parse_reference(name), std::move(options)};
  }
  // A blob to push and the file that holds it.
  Descriptor blob(const std::string& bytes) {
    file_.reset(::memfd_create("blob", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(file_.get(), bytes).ok());
    Descriptor made;
    made.digest = digest_of(bytes);
    made.size = static_cast<int64_t>(bytes.size());
    return made;
  }
  Status upload(Registry& registry, const Descriptor& what) {
    return registry.upload_blob(what, file_.get(), [this](int64_t sent) { sent_ = sent; });
  }

  FakeRegistry fake_;
  std::string user_;
  std::string secret_;
  std::string asked_;
  UniqueFd file_;
  int64_t sent_ = 0;
};

TEST_F(RegistryTest, UploadsABlobWithOnePostAndOnePut) {
  auto registry = open();
  auto what = blob("layer");
  EXPECT_FALSE(*registry.has_blob(what));
  ASSERT_TRUE(upload(registry, what).ok());
  EXPECT_TRUE(*registry.has_blob(what));
  EXPECT_EQ(sent_, 5);
  EXPECT_EQ(fake_.log[1], "POST /v2/app/blobs/uploads/");
  EXPECT_TRUE(fake_.log[2].starts_with("PUT /v2/app/blobs/uploads/1?state=s&digest=sha256%3A"));
}

TEST_F(RegistryTest, TriesAgainWhatIsTemporary) {
  auto registry = open();
  fake_.broken = {{"PUT /v2/app/blobs", 2}, {"PUT /v2/app/manifests", 3}};
  EXPECT_TRUE(upload(registry, blob("layer")).ok());
  EXPECT_TRUE(registry.put_manifest("latest", kManifestType, "{}").ok());
  fake_.broken = {{"PUT /v2/app/manifests", 4}};
  auto status = registry.put_manifest("latest", kManifestType, "{}");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.message(), "r.example/app: put manifest latest: HTTP 503");
}

TEST_F(RegistryTest, SaysWhatTheRegistrySaidWithoutItsEscapes) {
  auto registry = open();
  fake_.refuses = "POST";
  auto status = upload(registry, blob("layer"));
  EXPECT_EQ(status.code(), Code::kPermissionDenied);
  EXPECT_NE(status.message().find("HTTP 403 DENIED: not [31m you"), std::string::npos)
      << status.message();
  EXPECT_NE(status.next().find("ktl login r.example"), std::string::npos);
}

TEST_F(RegistryTest, FetchesATokenForTheRepositoryOnce) {
  auto registry = open();
  fake_.challenge = kBearer;
  fake_.admits = "Bearer T";
  ASSERT_TRUE(upload(registry, blob("layer")).ok());
  ASSERT_TRUE(registry.put_manifest("latest", kManifestType, "{}").ok());
  EXPECT_EQ(fake_.log[1],
            "GET /token?x=1&scope=repository%3Aapp%3Apull%2Cpush&client_id=ktl&service=reg");
  EXPECT_EQ(std::count_if(fake_.log.begin(), fake_.log.end(),
                          [](const auto& line) { return line.starts_with("GET /token"); }),
            1);
  EXPECT_EQ(fake_.token_authorization, "");
}

TEST_F(RegistryTest, ShowsThePasswordToTheTokenServerOnly) {
  user_ = "me";
  secret_ = "pw";
  auto registry = open("index.docker.io/me/app");
  fake_.challenge = kBearer;
  fake_.admits = "Bearer T";
  EXPECT_TRUE(registry.has_blob(blob("layer")).ok());
  EXPECT_EQ(asked_, "docker.io");
  EXPECT_EQ(fake_.token_authorization, "Basic " + base64_encode("me:pw"));
}

TEST_F(RegistryTest, ExchangesAnIdentityToken) {
  user_ = "<token>";
  secret_ = "id&token";
  auto registry = open();
  fake_.challenge = kBearer;
  fake_.admits = "Bearer A";
  fake_.token_answer = R"({"access_token":"A"})";
  EXPECT_TRUE(registry.has_blob(blob("layer")).ok());
  EXPECT_NE(fake_.token_body.find("grant_type=refresh_token"), std::string::npos);
  EXPECT_NE(fake_.token_body.find("refresh_token=id%26token"), std::string::npos);
  EXPECT_EQ(fake_.token_authorization, "");
}

TEST_F(RegistryTest, SpeaksBasicWhenThatIsAsked) {
  user_ = "me";
  secret_ = "pw";
  auto registry = open();
  fake_.challenge = "Basic realm=x";
  fake_.admits = "Basic " + base64_encode("me:pw");
  EXPECT_TRUE(upload(registry, blob("layer")).ok());
}

TEST_F(RegistryTest, AWrongPasswordIsTriedOnce) {
  user_ = "me";
  secret_ = "wrong-secret";
  auto registry = open();
  fake_.challenge = "Basic realm=x";
  fake_.admits = "Basic something else";
  auto status = registry.has_blob(blob("layer")).status();
  EXPECT_EQ(status.code(), Code::kUnauthenticated);
  EXPECT_EQ(fake_.log.size(), 2U);
  EXPECT_EQ(status.to_string().find("wrong-secret"), std::string::npos);
}

TEST_F(RegistryTest, WithoutCredentialsItSaysWhatToDo) {
  auto registry = open();
  fake_.challenge = "Basic realm=x";
  fake_.admits = "never";
  auto status = registry.has_blob(blob("layer")).status();
  EXPECT_EQ(status.code(), Code::kUnauthenticated);
  EXPECT_NE(status.next().find("--authfile"), std::string::npos);
}

TEST_F(RegistryTest, TrustsNoTokenServerWithoutTlsOrOnThisMachine) {
  user_ = "me";
  secret_ = "pw";
  fake_.admits = "Bearer T";
  for (const char* realm : {"http://auth.example/token", "https://127.0.0.1/token", "nonsense"}) {
    auto registry = open();
    fake_.log.clear();
    fake_.challenge = std::string("Bearer realm=\"") + realm + "\"";
    EXPECT_EQ(registry.has_blob(blob("layer")).status().code(), Code::kUnauthenticated) << realm;
    EXPECT_EQ(fake_.log.size(), 1U);
  }
}

TEST_F(RegistryTest, KeepsItsTokenFromOtherHosts) {
  auto registry = open();
  fake_.challenge = kBearer;
  fake_.admits = "Bearer T";
  fake_.upload_host = "https://storage.example";
  fake_.seen_elsewhere = "unset";
  ASSERT_TRUE(upload(registry, blob("layer")).ok());
  EXPECT_EQ(fake_.seen_elsewhere, "");
}

TEST_F(RegistryTest, IsNotSentToPlainTextOrInward) {
  for (const char* host : {"http://storage.example", "http://r.example", "https://127.0.0.1:9000",
                           "https://localhost"}) {
    fake_.upload_host = host;
    auto registry = open();
    EXPECT_EQ(upload(registry, blob("layer")).code(), Code::kPermissionDenied) << host;
  }
  EXPECT_TRUE(fake_.blobs.empty());
}

TEST_F(RegistryTest, FindsManifestsAndTheirAbsence) {
  auto registry = open();
  EXPECT_FALSE(registry.manifest_digest("latest")->has_value());
  ASSERT_TRUE(registry.put_manifest("latest", kManifestType, "{}").ok());
  EXPECT_EQ(registry.manifest_digest("latest")->value(), digest_of("{}"));
  EXPECT_EQ(*registry.manifest(digest_of("{}")), "{}");
  fake_.manifests[digest_of("{}")] = "other";
  EXPECT_EQ(registry.manifest(digest_of("{}")).status().code(), Code::kDataLoss);
}

TEST_F(RegistryTest, LoopbackSpeaksPlainHttpAndOthersTls) {
  class Scheme : public http::Transport {
   public:
    Result<http::Response> send(const http::Request& request) override {
      url = request.url;
      return http::Response{404, {}, ""};
    }
    std::string url;
  } transport;
  const std::pair<const char*, const char*> kCases[] = {
      {"localhost:5000/a", "http://localhost:5000/v2/a/"},
      {"[::1]:5000/a", "http://[::1]:5000/v2/a/"},
      {"ghcr.io/a/b", "https://ghcr.io/v2/a/b/"},
      {"alpine", "https://registry-1.docker.io/v2/library/alpine/"}};
  for (const auto& [name, url] : kCases) {
    Registry registry(transport, *parse_reference(name), {});
    ASSERT_TRUE(registry.manifest_digest("x").ok());
    EXPECT_EQ(transport.url, std::string(url) + "manifests/x");
  }
  Registry insecure(transport, *parse_reference("nas.lan/a"), {.plain_http = true});
  ASSERT_TRUE(insecure.manifest_digest("x").ok());
  EXPECT_EQ(transport.url, "http://nas.lan/v2/a/manifests/x");
}

TEST_F(RegistryTest, StopsWaitingWhenToldTo) {
  fake_.broken = {{"HEAD", 100}};
  RegistryOptions options;
  options.first_pause_ms = 10'000;
  options.stop = [] { return true; };
  Registry registry(fake_, *parse_reference("r.example/app"), options);
  EXPECT_EQ(registry.has_blob(blob("x")).status().code(), Code::kCancelled);
}

}  // namespace
}  // namespace ktl::oci
