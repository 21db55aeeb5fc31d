#include "builders/address.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

std::string no_environment(const char*) { return {}; }
std::string buildkit_host(const char* name) {
  return std::string(name) == "BUILDKIT_HOST" ? "unix:///env.sock" : "";
}

TEST(Address, FlagBeatsEnvironmentBeatsPrivateBuilder) {
  EXPECT_EQ(parse_address("unix:///flag.sock", buildkit_host)->path, "/flag.sock");
  EXPECT_EQ(parse_address("auto", buildkit_host)->path, "/env.sock");
  EXPECT_EQ(parse_address("", no_environment)->kind, Address::Kind::kPrivate);
}

TEST(Address, SaysWhereABadOneCameFrom) {
  auto address = parse_address("auto", [](const char*) { return std::string("bo gus"); });
  EXPECT_EQ(address.status().code(), Code::kInvalidArgument);
  EXPECT_EQ(address.status().message(), "BUILDKIT_HOST: bo gus is no builder address");
}

using Words = std::vector<std::string>;

Address parsed(const std::string& text) {
  auto address = parse_address(text, no_environment);
  EXPECT_TRUE(address.ok()) << text << ": " << address.status().to_string();
  return address.ok() ? *address : Address();
}

TEST(Address, TcpIsPlainUntilTlsIsNamed) {
  const Address plain = parsed("tcp://[::1]:1234");
  EXPECT_EQ(plain.kind, Address::Kind::kTcp);
  EXPECT_EQ(plain.host, "::1");
  EXPECT_EQ(plain.port, 1234);
  EXPECT_FALSE(plain.tls);
  const Address safe = parsed("tcp://b.example:1?cacert=/ca&cert=/c&key=/k&servername=n");
  EXPECT_EQ(safe.host, "b.example");
  ASSERT_TRUE(safe.tls);
  EXPECT_EQ(safe.tls->cacert, "/ca");
  EXPECT_EQ(safe.tls->key, "/k");
  EXPECT_EQ(safe.tls->server_name, "n");
}

TEST(Address, ProgramsSpeakForContainersPodsAndOtherMachines) {
  EXPECT_EQ(parsed("docker-container://b0").command,
            (Words{"docker", "exec", "-i", "b0", "buildctl", "dial-stdio"}));
  EXPECT_EQ(parsed("podman-container://b0").command.front(), "podman");
  EXPECT_EQ(parsed("docker-container://b0?context=far").command,
            (Words{"docker", "--context=far", "exec", "-i", "b0", "buildctl", "dial-stdio"}));
  EXPECT_EQ(
      parsed("kube-pod://p?namespace=ns").command,
      (Words{"kubectl", "exec", "-i", "--namespace=ns", "p", "--", "buildctl", "dial-stdio"}));
  EXPECT_EQ(parsed("ssh://me@host:2222/run/bk.sock").command,
            (Words{"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-p", "2222",
                   "--", "me@host", "buildctl", "--addr", "unix:///run/bk.sock", "dial-stdio"}));
}

TEST(Address, DockerIsADaemonThatIsNoBuildkitd) {
  EXPECT_EQ(parsed("docker").kind, Address::Kind::kDocker);
  EXPECT_EQ(parsed("docker://far").name, "far");
  const Address socket = parsed("docker:///run/d.sock");
  EXPECT_TRUE(socket.dockerd);
  EXPECT_EQ(socket.path, "/run/d.sock");
  auto over = docker_endpoint("ssh://h", "DOCKER_HOST", std::nullopt);
  ASSERT_TRUE(over.ok());
  EXPECT_EQ(over->command.back(), "dial-stdio");
  EXPECT_TRUE(over->dockerd);
}

TEST(Address, NothingBecomesAnOptionOrAShellsWord) {
  for (const char* text :
       {"docker-container://-v", "docker-container://a;b", "docker-container://", "ssh://-oX=y",
        "ssh://-l@h", "ssh://h/$(id)", "ssh://h:0", "kube-pod://p?namespace=--all", "tcp://h",
        "tcp://h:70000", "tcp://h:1?verify=off", "tcp://h:1?cacert=", "docker://../x", "-x",
        "npipe://x", "a b"}) {
    EXPECT_EQ(parse_address(text, no_environment).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Address, AutoAsksTheEnvironmentInOrder) {
  const auto docker_context = [](const char* name) {
    return std::string(std::string(name) == "DOCKER_CONTEXT" ? "far" : "");
  };
  EXPECT_EQ(parse_address("auto", docker_context)->name, "far");
  const auto buildx = [](const char* name) {
    return std::string(std::string(name).starts_with("B") ? "" : "far");
  };
  EXPECT_EQ(parse_address("", buildx)->kind, Address::Kind::kDocker);
  EXPECT_EQ(parsed("mine").kind, Address::Kind::kNamed);
}

TEST(Address, RefusesPathsTheKernelCannotTake) {
  EXPECT_EQ(parse_address("unix://", no_environment).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(parse_address("unix://relative", no_environment).status().code(),
            Code::kInvalidArgument);
  std::string longest = "unix:///" + std::string(106, 'a');
  EXPECT_TRUE(parse_address(longest, no_environment).ok());
  EXPECT_FALSE(parse_address(longest + "a", no_environment).ok());
}

}  // namespace
}  // namespace ktl::builder
