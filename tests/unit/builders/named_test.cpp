#include "builders/named.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::builder {
namespace {

namespace fs = std::filesystem;

class NamedBuilders : public ::testing::Test {
 protected:
  NamedBuilders() : folder_(fs::temp_directory_path() / "ktl-named-builders") {
    fs::remove_all(folder_);
    environment_["DOCKER_CONFIG"] = folder_.string();
  }
  ~NamedBuilders() override { fs::remove_all(folder_); }

  void write(const fs::path& file, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(folder_ / file, text).ok());
  }
  void write_context(const std::string& name, const std::string& text) {
    write(fs::path("contexts/meta") / digest_of(name).substr(7) / "meta.json", text);
  }
  Result<Address> follow(const std::string& text) {
    const auto getenv = [this](const char* name) { return environment_[name]; };
    KTL_ASSIGN(Address address, parse_address(text, getenv));
    KTL_ASSIGN(std::vector<NamedNode> nodes, follow_names(std::move(address), getenv));
    EXPECT_EQ(nodes.size(), 1U);
    return std::move(nodes.front().address);
  }

  fs::path folder_;
  std::map<std::string, std::string> environment_;
};

TEST_F(NamedBuilders, DockerIsTheContextInUseOrTheSocket) {
  EXPECT_EQ(follow("docker")->path, "/var/run/docker.sock");
  write_context("far", R"({"Endpoints":{"docker":{"Host":"tcp://h:2376"}}})");
  write(fs::path("contexts/tls") / digest_of("far").substr(7) / "docker/ca.pem", "x");
  write("config.json", R"({"currentContext":"far"})");
  const auto far = follow("docker");
  ASSERT_TRUE(far.ok()) << far.status().to_string();
  EXPECT_EQ(far->host, "h");
  ASSERT_TRUE(far->tls);
  EXPECT_TRUE(far->tls->cacert.ends_with("/docker/ca.pem"));
  environment_["DOCKER_HOST"] = "unix:///run/other.sock";
  EXPECT_EQ(follow("docker")->path, "/run/other.sock");
  EXPECT_TRUE(follow("docker")->dockerd);
}

TEST_F(NamedBuilders, ContextsThatCannotBeUsedSayWhy) {
  EXPECT_EQ(follow("docker://none").status().code(), Code::kInvalidArgument);
  write_context("lax", R"({"Endpoints":{"docker":{"Host":"tcp://h:1","SkipTLSVerify":true}}})");
  EXPECT_NE(follow("docker://lax").status().message().find("trusts anybody"), std::string::npos);
  write_context("odd", R"({"Endpoints":{"docker":{"Host":"fd://"}}})");
  EXPECT_EQ(follow("docker://odd").status().code(), Code::kInvalidArgument);
  write_context("bad", "{");
  EXPECT_FALSE(follow("docker://bad").ok());
}

TEST_F(NamedBuilders, BuildxInstancesAreFollowed) {
  write("buildx/instances/tls",
        R"({"Driver":"remote","Nodes":[{"Endpoint":"tcp://h:1","DriverOpts":{"cacert":"/ca"}}]})");
  EXPECT_EQ(follow("tls")->tls->cacert, "/ca");
  write("buildx/instances/box", R"({"Driver":"docker-container","Nodes":[{"Name":"box0"}]})");
  EXPECT_EQ(follow("box")->command.at(3), "buildx_buildkit_box0");
  write("buildx/instances/evil", R"({"Driver":"docker-container","Nodes":[{"Name":"a;b"}]})");
  EXPECT_FALSE(follow("evil").ok());
  write("buildx/instances/bare", R"({"Driver":"remote","Nodes":[{},{}]})");
  EXPECT_EQ(follow("bare").status().code(), Code::kInvalidArgument);
  write("buildx/instances/empty", R"({"Driver":"remote","Nodes":[]})");
  EXPECT_EQ(follow("empty").status().code(), Code::kInvalidArgument);
  write("buildx/instances/k8s", R"({"Driver":"kubernetes","Nodes":[{}]})");
  EXPECT_EQ(follow("k8s").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(follow("none").status().code(), Code::kInvalidArgument);
  EXPECT_FALSE(follow("..").ok());
}

TEST_F(NamedBuilders, ABuildxInstanceMayBeSeveral) {
  write("buildx/instances/two", R"({"Driver":"remote","Nodes":[{"Endpoint":"unix:///a"},
        {"Endpoint":"unix:///b","Platforms":[{"os":"linux","architecture":"arm","variant":"v7"}]}]})");
  const auto getenv = [this](const char* name) { return environment_[name]; };
  const auto nodes = follow_names(*parse_address("two", getenv), getenv);
  ASSERT_TRUE(nodes.ok()) << nodes.status().to_string();
  ASSERT_EQ(nodes->size(), 2U);
  EXPECT_EQ((*nodes)[0].address.path, "/a");
  EXPECT_TRUE((*nodes)[0].platforms.empty());
  EXPECT_EQ((*nodes)[1].platforms, std::vector<std::string>{"linux/arm/v7"});
}

}  // namespace
}  // namespace ktl::builder
