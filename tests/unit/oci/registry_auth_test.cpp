#include "oci/registry_auth.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/base64.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ktl::oci {
namespace {

// Plays docker-credential-*: remembers what it was asked.
class FakeHelper : public ProcessRunner {
 public:
  Result<Output> run(const Command& command) override {
    asked.push_back(command.argv[0] + " " + command.argv[1] + " " + command.input);
    return output;
  }
  std::vector<std::string> asked;
  Output output{1, "credentials not found in native keychain\n", ""};
};

class RegistryAuthTest : public testing::Test {
 protected:
  RegistryAuth load(const std::string& text) {
    auto file = temp_.path() / "any-name";
    EXPECT_TRUE(write_file_atomic(file, text).ok());
    return must(RegistryAuth::load(file));
  }
  std::string find(const RegistryAuth& auth, const char* registry) {
    auto found = must(auth.credentials(registry, helper_));
    return found ? found->user() + "/" + found->secret() : "none";
  }
  TempFolder temp_;
  FakeHelper helper_;
};

TEST_F(RegistryAuthTest, ReadsEveryFormOfEntry) {
  auto auth = load(R"({"auths":{"ghcr.io":{"auth":")" + base64_encode("me:pa:ss") + R"("},)" +
                   R"("https://r.example/v2/":{"username":"u","password":"p"},)" +
                   R"("t.example":{"auth":"","identitytoken":"tok"},"empty.example":{}}})");
  EXPECT_EQ(find(auth, "ghcr.io"), "me/pa:ss");
  EXPECT_EQ(find(auth, "r.example"), "u/p");
  EXPECT_EQ(find(auth, "t.example"), "<token>/tok");
  EXPECT_EQ(find(auth, "empty.example"), "none");
  EXPECT_EQ(find(auth, "other.example"), "none");
  EXPECT_TRUE(helper_.asked.empty());
}

TEST_F(RegistryAuthTest, KnowsDockerHubUnderItsNames) {
  auto auth = load(R"({"auths":{"https://index.docker.io/v1/":{"username":"u","password":"p"}}})");
  EXPECT_EQ(find(auth, "docker.io"), "u/p");
  EXPECT_EQ(find(auth, "registry-1.docker.io"), "u/p");
}

TEST_F(RegistryAuthTest, AsksTheHelperOfTheRegistryBeforeTheStore) {
  auto auth = load(R"({"credsStore":"all","credHelpers":{"ghcr.io":"own"},)"
                   R"("auths":{"ghcr.io":{"username":"file","password":"p"}}})");
  helper_.output = {0, R"({"ServerURL":"ghcr.io","Username":"h","Secret":"s"})", ""};
  EXPECT_EQ(find(auth, "ghcr.io"), "h/s");
  EXPECT_EQ(find(auth, "docker.io"), "h/s");
  EXPECT_EQ(helper_.asked,
            (std::vector<std::string>{"docker-credential-own get ghcr.io",
                                      "docker-credential-all get https://index.docker.io/v1/"}));
}

TEST_F(RegistryAuthTest, FallsBackToTheFileWhenTheHelperKnowsNothing) {
  auto auth = load(R"({"credsStore":"all","auths":{"ghcr.io":{"username":"f","password":"p"}}})");
  EXPECT_EQ(find(auth, "ghcr.io"), "f/p");
  EXPECT_EQ(find(auth, "quay.io"), "none");
}

TEST_F(RegistryAuthTest, ABrokenHelperIsAnError) {
  auto auth = load(R"({"credsStore":"all"})");
  helper_.output = {3, "boom", ""};
  EXPECT_EQ(auth.credentials("ghcr.io", helper_).status().code(), Code::kUnauthenticated);
  helper_.output = {0, "no json secret", ""};
  auto status = auth.credentials("ghcr.io", helper_).status();
  EXPECT_EQ(status.message().find("secret"), std::string::npos);
}

TEST_F(RegistryAuthTest, RunsNoProgramByAPath) {
  auto auth = load(R"({"credsStore":"../../tmp/evil"})");
  EXPECT_EQ(auth.credentials("ghcr.io", helper_).status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(helper_.asked.empty());
}

TEST_F(RegistryAuthTest, NamesTheFileThatIsBroken) {
  auto file = temp_.path() / "config.json";
  ASSERT_TRUE(write_file_atomic(file, R"({"auths":{"x":{"auth":"%%%"}}})").ok());
  auto status = RegistryAuth::load(file).status();
  EXPECT_EQ(status.where(), file.string());
  EXPECT_NE(status.message().find("auths[\"x\"]"), std::string::npos);
  EXPECT_EQ(RegistryAuth::load(temp_.path() / "absent").status().code(), Code::kNotFound);
}

TEST_F(RegistryAuthTest, TheDefaultFileMayBeMissing) {
  ::setenv("DOCKER_CONFIG", temp_.path().c_str(), 1);
  EXPECT_EQ(find(must(RegistryAuth::load_default()), "ghcr.io"), "none");
  ASSERT_TRUE(write_file_atomic(temp_.path() / "config.json",
                                R"({"auths":{"ghcr.io":{"username":"d","password":"p"}}})")
                  .ok());
  EXPECT_EQ(find(must(RegistryAuth::load_default()), "ghcr.io"), "d/p");
  ::unsetenv("DOCKER_CONFIG");
}

}  // namespace
}  // namespace ktl::oci
