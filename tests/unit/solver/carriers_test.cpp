#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <map>
#include <thread>

#include "base/sha256.h"
#include "control/missing.h"
#include "transport/command_carrier.h"
#include "transport/named_builders.h"
#include "transport/upgrade.h"

namespace ktl::solver {
namespace {

namespace fs = std::filesystem;
using builder::Address;

const Cancelled kNever = [] { return false; };

// Everything until the end, and why it ended.
std::pair<std::string, Status> drain(Carrier& carrier) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (true) {
    Result<size_t> n = carrier.read(buffer);
    if (!n.ok()) {
      return {all, std::move(n).status()};
    }
    all.append(buffer.data(), *n);
    pollfd wait{carrier.fd(), POLLIN, 0};
    ::poll(&wait, 1, 5000);
  }
}

TEST(CommandCarrier, SpeaksOnTheProgramsStandardInputAndOutput) {
  auto carrier = run_carrier({"head", "-c", "5"});
  ASSERT_TRUE(carrier.ok());
  EXPECT_EQ(*(*carrier)->write("hello"), 5U);
  EXPECT_EQ(drain(**carrier).first, "hello");
}

TEST(CommandCarrier, QuotesTheProgramsLastWords) {
  auto carrier = run_carrier({"sh", "-c", "printf 'no\\033 such\\nhost\\n' >&2; exit 7"});
  ASSERT_TRUE(carrier.ok());
  const Status status = drain(**carrier).second;
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.message(), "sh ended with exit code 7: no  such host");
}

TEST(CommandCarrier, AMillionWordsAreNoHarm) {
  auto carrier = run_carrier({"sh", "-c", "yes word | head -c 1000000 >&2; exit 1"});
  ASSERT_TRUE(carrier.ok());
  EXPECT_LT(drain(**carrier).second.message().size(), 4096U);
}

TEST(CommandCarrier, AMissingProgramSaysWhatToInstall) {
  const Status status = run_carrier({"ktl-no-such-program"}).status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.next().find("install"), std::string::npos);
}

// What the daemon answers to an upgrade, and what upgrade makes of it.
Status upgraded_by(const std::string& answer, std::string* request = nullptr) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd daemon(ends[0]);
  SocketCarrier carrier{UniqueFd(ends[1])};
  EXPECT_TRUE(write_all(daemon.get(), answer).ok());
  ::shutdown(daemon.get(), SHUT_WR);
  Status status = upgrade(carrier, "/grpc", {{"x-name", "value"}}, kNever);
  std::array<char, 4096> buffer{};
  const ssize_t n = ::recv(daemon.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (request != nullptr) {
    *request = std::string(buffer.data(), static_cast<size_t>(std::max<ssize_t>(n, 0)));
  }
  if (status.ok()) {
    EXPECT_EQ(drain(carrier).first, "HTTP/2 bytes");
  }
  return status;
}

TEST(Upgrade, AsksAndLeavesWhatFollowsAlone) {
  std::string request;
  EXPECT_TRUE(
      upgraded_by("HTTP/1.1 101 UPGRADED\r\nUpgrade: h2c\r\n\r\nHTTP/2 bytes", &request).ok());
  EXPECT_TRUE(request.starts_with("POST /grpc HTTP/1.1\r\n"));
  EXPECT_NE(request.find("\r\nUpgrade: h2c\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nx-name: value\r\n"), std::string::npos);
}

TEST(Upgrade, SaysWhatElseWasAnswered) {
  const Status status = upgraded_by("HTTP/1.1 404 Not Found\r\n\r\n");
  EXPECT_EQ(status.code(), Code::kUnimplemented);
  EXPECT_NE(status.message().find("404 Not Found"), std::string::npos);
  EXPECT_EQ(upgraded_by("HTTP/1.1 101").code(), Code::kUnavailable);
  EXPECT_EQ(upgraded_by(std::string(20'000, 'x')).code(), Code::kUnavailable);
}

TEST(Upgrade, NoHeaderBecomesTwo) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd daemon(ends[0]);
  SocketCarrier carrier{UniqueFd(ends[1])};
  EXPECT_EQ(upgrade(carrier, "/grpc", {{"a", "b\r\nc: d"}}, kNever).code(), Code::kInvalidArgument);
}

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
    KTL_ASSIGN(Address address, builder::parse_address(text, getenv));
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
  const auto nodes = follow_names(*builder::parse_address("two", getenv), getenv);
  ASSERT_TRUE(nodes.ok()) << nodes.status().to_string();
  ASSERT_EQ(nodes->size(), 2U);
  EXPECT_EQ((*nodes)[0].address.path, "/a");
  EXPECT_TRUE((*nodes)[0].platforms.empty());
  EXPECT_EQ((*nodes)[1].platforms, std::vector<std::string>{"linux/arm/v7"});
}

TEST(Missing, IsNamedByVersion) {
  EXPECT_TRUE(missing_features({"v0.34.2", {}}).empty());
  EXPECT_TRUE(missing_features({"dev", {}}).empty());
  EXPECT_FALSE(missing_features({"v0.10.6", {}}).empty());
  EXPECT_FALSE(can_stage({"", {}}));
  EXPECT_TRUE(can_stage({"v0.11.0", {}}));
}

}  // namespace
}  // namespace ktl::solver
