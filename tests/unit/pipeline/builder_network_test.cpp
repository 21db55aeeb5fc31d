#include "core/pipeline/builder_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "lock/lock_file.h"

namespace ktl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class BuilderNetwork : public ::testing::Test {
 protected:
  BuilderNetwork() { plan_.fence.network = "none"; }

  void from(const std::string& ref) { plan_.sources.push_back({"image", ref, 1, "from"}); }
  void add(const std::string& kind, const std::string& url) {
    plan_.sources.push_back({kind, url, 2, "add"});
  }
  std::vector<std::string> hosts() { return builder_hosts(request_, plan_); }
  std::string network() { return builder_network(request_, plan_); }

  Request request_;
  Plan plan_;
};

TEST_F(BuilderNetwork, IsOpenWhereTheStepsAre) {
  from("alpine");
  plan_.fence.network = "open";
  EXPECT_EQ(network(), "internet");
  request_.network = "host";
  EXPECT_EQ(network(), "internet");  // half of asking for it
  request_.inputs.allow = {"network.host"};
  EXPECT_EQ(network(), "host");
}

TEST_F(BuilderNetwork, IsNoneForWhatIsMadeFromNothing) { EXPECT_EQ(network(), "none"); }

TEST_F(BuilderNetwork, IsTheListAndWhereTheSourcesAre) {
  plan_.fence.network = "list";
  plan_.fence.allow = {"PyPI.org", "files.example:8443"};
  from("registry.example:5000/a/b:1@sha256:" + std::string(64, 'a'));
  add("http", "https://someone@downloads.example:444/x.tar?y#z");
  add("git", "git@code.example:group/repo.git#main");
  add("git", "https://git.example/r.git");
  EXPECT_EQ(network(),
            "allow:code.example,downloads.example,files.example:8443,git.example,pypi.org,"
            "registry.example");
}

TEST_F(BuilderNetwork, IsWhereTheSourcesOfALockAreThatAreNotHandedIn) {
  plan_.fence.network = "locked";
  plan_.lock = std::make_shared<const lock::Lock>();
  add("http", "https://downloads.example/x.tar");
  EXPECT_EQ(network(), "none");
  from("registry.example/a/b:1");
  add("git", "https://git.example/r.git");
  EXPECT_EQ(network(), "allow:git.example,registry.example");
}

TEST_F(BuilderNetwork, KnowsWhereLargeRegistriesSendTheirContentFrom) {
  from("alpine:3");
  EXPECT_THAT(hosts(), Contains("registry-1.docker.io"));
  EXPECT_THAT(hosts(), Contains("production.cloudflare.docker.com"));
  EXPECT_THAT(hosts(), Not(Contains("docker.io")));
  EXPECT_THAT(hosts(), Not(Contains("")));
}

// A port lets the gate connect to this machine and to private networks.
TEST_F(BuilderNetwork, ADockerfileOpensNoPort) {
  from("127.0.0.1:5000/x");
  from("localhost:5000/x");
  from("169.254.169.254:80/x");
  add("http", "http://[::1]:80/x");
  add("http", "http://10.0.0.1:80/x");
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.1", "169.254.169.254"));
}

TEST_F(BuilderNetwork, WhatTheUserNamedMayHaveOne) {
  plan_.fence.allow = {"127.0.0.1:8080"};
  request_.inputs.build_contexts = {{"base", "docker-image://127.0.0.1:5000/base:1"}};
  plan_.sources.push_back({"image", "127.0.0.1:5000/base:1", 1, "context"});
  request_.inputs.cache_from = {{"registry", "", {{"ref", "127.0.0.1:5001/cache"}}}};
  request_.registries = {{.host = "127.0.0.1:5002"},
                         {.host = "docker.io", .mirrors = {"mirror.corp:5003/hub"}}};
  from("127.0.0.1:5002/ruled");
  from("127.0.0.1:5009/not-ruled");
  from("alpine");
  for (const char* host : {"127.0.0.1:8080", "127.0.0.1:5000", "127.0.0.1:5001", "127.0.0.1:5002",
                           "mirror.corp:5003"}) {
    EXPECT_THAT(hosts(), Contains(host));
  }
  EXPECT_THAT(hosts(), Not(Contains("127.0.0.1:5009")));
}

// Whoever read the Dockerfile is not believed about whose words they are.
TEST_F(BuilderNetwork, ASourceThatOnlyClaimsToBeTheUsersIsNot) {
  plan_.sources.push_back({"image", "127.0.0.1:5000/x", 0, "context"});
  EXPECT_EQ(network(), "none");
}

TEST_F(BuilderNetwork, WhatIsNoHostIsLeftOut) {
  for (const char* url : {"https://${HOST}/x", "https://a..b/x", "https://-a/x", "https://a,b/x",
                          "https:///x", "https://a b/x", "https://a./x"}) {
    add("http", url);
  }
  from("$BASE");
  add("http", "https://" + std::string(300, 'a') + "/x");
  EXPECT_THAT(hosts(), IsEmpty());
  for (int i = 0; i < 1000; ++i) {
    add("http", "https://h" + std::to_string(i) + ".example/x");
  }
  EXPECT_THAT(hosts(), SizeIs(256));
}

TEST_F(BuilderNetwork, PortsAreOfWhatTheUserNamed) {
  request_.tags = {"127.0.0.1:5000/a:1", "registry.example:5001/b"};
  plan_.fence.allow = {"localhost:8080", "127.0.0.1", "far.example:80"};
  from("127.0.0.1:5002/x");
  EXPECT_THAT(builder_loopback_ports(request_, plan_), ElementsAre(5000, 8080));
}

}  // namespace
}  // namespace ktl
