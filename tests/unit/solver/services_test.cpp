// The small services of a session: health, credentials, secrets, the ssh agent.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "auth.pb.h"
#include "secrets.pb.h"
#include "services/auth.h"
#include "services/health.h"
#include "services/secrets.h"
#include "services/ssh.h"
#include "solver/fake_host.h"
#include "solver/http2_client.h"
#include "ssh.pb.h"

namespace ktl::solver {
namespace {

using testing::Answer;
using testing::FakeHost;
using testing::Http2Client;

// One unary call against a server of `methods`.
Answer call(std::vector<Method> methods, const std::string& path, const std::string& request) {
  testing::DirectServer server(std::move(methods));
  Http2Client client(server);
  const int32_t id = client.open(path);
  client.send(id, request);
  client.end(id);
  return client.finish(id);
}

TEST(Health, IsServing) {
  const Answer answer = call(health_methods(), "/grpc.health.v1.Health/Check", "");
  EXPECT_EQ(answer.messages().at(0), "\x08\x01");
}

bool is_signature(const std::string& key, const std::string& signature, const std::string& text) {
  auto bytes = [](const std::string& of) {
    return reinterpret_cast<const unsigned char*>(of.data());
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> made(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(key), key.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, made.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text),
                          text.size()) == 1;
}

class Auth : public ::testing::Test {
 protected:
  moby::filesync::v1::CredentialsResponse ask(const std::string& host) {
    moby::filesync::v1::CredentialsRequest request;
    request.set_host(host);
    const Answer answer = call(auth_methods(host_), "/moby.filesync.v1.Auth/Credentials",
                               request.SerializeAsString());
    moby::filesync::v1::CredentialsResponse response;
    EXPECT_EQ(answer.code(), "0");
    EXPECT_TRUE(response.ParseFromString(answer.messages().at(0)));
    return response;
  }
  FakeHost host_;
};

TEST_F(Auth, HandsOverWhatTheUserHas) {
  host_.logins["ghcr.io"] = {"me", "pass"};
  EXPECT_EQ(ask("ghcr.io").username(), "me");
  EXPECT_EQ(ask("ghcr.io").secret(), "pass");
}

TEST_F(Auth, UnknownRegistriesAreAnonymous) {
  EXPECT_EQ(ask("quay.io").username(), "");
  EXPECT_EQ(ask("quay.io").secret(), "");
}

TEST_F(Auth, DockerHubIsKnownByItsName) {
  host_.logins["docker.io"] = {"hub", "pass"};
  EXPECT_EQ(ask("registry-1.docker.io").username(), "hub");
}

// The builder knows us by a key, and lets us fetch its tokens.
TEST_F(Auth, FetchesTokensWhereTheyAreGiven) {
  host_.tokens["docker.io"] = "token";
  const auto methods = auth_methods(host_);
  moby::filesync::v1::GetTokenAuthorityRequest who;
  who.set_host("registry-1.docker.io");
  moby::filesync::v1::GetTokenAuthorityResponse key;
  ASSERT_TRUE(key.ParseFromString(
      call(methods, "/moby.filesync.v1.Auth/GetTokenAuthority", who.SerializeAsString())
          .messages()
          .at(0)));
  EXPECT_EQ(key.publickey().size(), 32U);

  moby::filesync::v1::VerifyTokenAuthorityRequest prove;
  prove.set_payload("prove it");
  moby::filesync::v1::VerifyTokenAuthorityResponse proof;
  ASSERT_TRUE(proof.ParseFromString(
      call(methods, "/moby.filesync.v1.Auth/VerifyTokenAuthority", prove.SerializeAsString())
          .messages()
          .at(0)));
  const std::string text = proof.signed_();
  ASSERT_EQ(text.size(), 64 + std::string("prove it").size());
  EXPECT_EQ(text.substr(64), "prove it");
  EXPECT_TRUE(is_signature(key.publickey(), text.substr(0, 64), "prove it"));
  EXPECT_FALSE(is_signature(key.publickey(), text.substr(0, 64), "something else"));

  moby::filesync::v1::FetchTokenRequest want;
  want.set_host("registry-1.docker.io");
  want.set_realm("http://elsewhere.example/token");  // not believed
  want.add_scopes("repository:library/a:pull");
  want.add_scopes("repository:library/b:pull");
  moby::filesync::v1::FetchTokenResponse token;
  ASSERT_TRUE(token.ParseFromString(
      call(methods, "/moby.filesync.v1.Auth/FetchToken", want.SerializeAsString())
          .messages()
          .at(0)));
  EXPECT_EQ(token.token(), "token for repository:library/a:pull repository:library/b:pull");
  EXPECT_EQ(token.expiresin(), 300);
}

TEST_F(Auth, LeavesOtherRegistriesToTheBuilder) {
  moby::filesync::v1::GetTokenAuthorityRequest who;
  who.set_host("quay.io");
  EXPECT_EQ(
      call(auth_methods(host_), "/moby.filesync.v1.Auth/GetTokenAuthority", who.SerializeAsString())
          .code(),
      "14");  // UNAVAILABLE: do it yourself
}

TEST_F(Auth, AnIdentityTokenHasNoUser) {
  host_.logins["ghcr.io"] = {"<token>", "identity"};
  EXPECT_EQ(ask("ghcr.io").username(), "");
  EXPECT_EQ(ask("ghcr.io").secret(), "identity");
}

TEST(Secrets, ValueOrNotFound) {
  FakeHost host;
  host.secrets["npm"] = std::string("a\0b", 3);
  moby::buildkit::secrets::v1::GetSecretRequest request;
  request.set_id("npm");
  const std::string path = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
  const Answer found = call(secret_methods(host), path, request.SerializeAsString());
  moby::buildkit::secrets::v1::GetSecretResponse response;
  ASSERT_TRUE(response.ParseFromString(found.messages().at(0)));
  EXPECT_EQ(response.data(), std::string("a\0b", 3));
  request.set_id("other");
  EXPECT_EQ(call(secret_methods(host), path, request.SerializeAsString()).code(), "5");
}

TEST(Secrets, GarbageIsRefused) {
  FakeHost host;
  EXPECT_EQ(
      call(secret_methods(host), "/moby.buildkit.secrets.v1.Secrets/GetSecret", "\xff").code(),
      "3");
}

class Ssh : public ::testing::Test {
 protected:
  Ssh() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    host_.agent.reset(pair[0]);
    agent_.reset(pair[1]);
  }
  static std::string message(const std::string& bytes) {
    moby::sshforward::v1::BytesMessage message;
    message.set_data(bytes);
    return message.SerializeAsString();
  }
  FakeHost host_;
  UniqueFd agent_;
};

TEST_F(Ssh, CheckSaysWhetherThereIsAnAgent) {
  moby::sshforward::v1::CheckAgentRequest request;
  const std::string path = "/moby.sshforward.v1.SSH/CheckAgent";
  EXPECT_EQ(call(ssh_methods(host_), path, request.SerializeAsString()).code(), "0");
  request.set_id("other");
  EXPECT_EQ(call(ssh_methods(host_), path, request.SerializeAsString()).code(), "5");
}

TEST_F(Ssh, ForwardsBothWaysAndHalfCloses) {
  testing::DirectServer server(ssh_methods(host_));
  Http2Client client(server);
  const int32_t id =
      client.open("/moby.sshforward.v1.SSH/ForwardAgent", {{"buildkit.ssh.id", "default"}});
  client.send(id, message("question"));
  client.end(id);
  ASSERT_TRUE(client.flush().ok());
  // The builder's half close arrives, the agent still answers.
  EXPECT_EQ(*read_all(agent_.get(), 100), "question");
  host_.agent.reset();
  ASSERT_TRUE(write_all(agent_.get(), "answer").ok());
  agent_.reset();
  const Answer& answer = client.finish(id);
  EXPECT_EQ(answer.code(), "0");
  EXPECT_EQ(answer.messages().at(0), message("answer"));
}

TEST_F(Ssh, AnAgentThatHangsUpEndsTheCall) {
  testing::DirectServer server(ssh_methods(host_));
  Http2Client client(server);
  const int32_t id = client.open("/moby.sshforward.v1.SSH/ForwardAgent");
  ASSERT_TRUE(client.flush().ok());
  agent_.reset();
  EXPECT_EQ(client.finish(id).code(), "0");
}

TEST_F(Ssh, ABuilderThatResetsEndsTheForwarding) {
  testing::DirectServer server(ssh_methods(host_));
  Http2Client client(server);
  const int32_t id = client.open("/moby.sshforward.v1.SSH/ForwardAgent");
  ASSERT_TRUE(client.flush().ok());
  client.reset(id);
  ASSERT_TRUE(client.flush().ok());
  server.close();  // joins the handler, or hangs
  EXPECT_TRUE(client.answer(id).messages().empty());
}

}  // namespace
}  // namespace ktl::solver
