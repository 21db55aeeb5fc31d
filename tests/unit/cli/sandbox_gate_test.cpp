#include "cli/commands/sandbox_gate.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "cli/commands/stand_ins.h"

namespace ktl::cli {
namespace {

using ::testing::HasSubstr;

const GateTry kReached{0, 1, ""};
const GateTry kRefused{1, 0, "invalid response status 403"};

TEST(SandboxGate, HoldsWhenTheListedIsReachedAndTheOtherIsNot) {
  const SandboxProbe probe = judge_gate({"", kReached, kRefused});
  EXPECT_EQ(probe.status, "PASS");
  EXPECT_EQ(probe.fix, "");
}

TEST(SandboxGate, IsNotThereWithoutABuilder) {
  const SandboxProbe probe = judge_gate({"no jail", {}, {}});
  EXPECT_EQ(probe.status, "SKIP");
  EXPECT_THAT(probe.evidence, HasSubstr("no jail"));
}

// An exit code alone is no proof either way: what counts is who was reached.
TEST(SandboxGate, FailsOtherwise) {
  const GateTry cached{0, 0, ""};
  const GateTry leaked{1, 1, ""};
  for (const GateTrial& trial : {GateTrial{"", kReached, kReached}, GateTrial{"", kReached, leaked},
                                 GateTrial{"", kReached, cached}, GateTrial{"", kRefused, kRefused},
                                 GateTrial{"", cached, kRefused}, GateTrial{"", {}, {}}}) {
    const SandboxProbe probe = judge_gate(trial);
    EXPECT_EQ(probe.status, "FAIL");
    EXPECT_NE(probe.fix, "");
  }
}

std::string asked_at(uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(port);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 256> text{};
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) != 0 ||
      ::send(fd.get(), "GET /\r\n\r\n", 9, 0) != 9) {
    return "not reached";
  }
  const ssize_t size = ::recv(fd.get(), text.data(), text.size(), MSG_WAITALL);
  return {text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))};
}

TEST(SandboxGate, StandInsAnswerAndCount) {
  StandIns hosts;
  ASSERT_TRUE(hosts.start().ok());
  EXPECT_NE(hosts.port(0), hosts.port(1));
  EXPECT_THAT(asked_at(hosts.port(1)), HasSubstr("200 OK"));
  EXPECT_THAT(asked_at(hosts.port(1)), HasSubstr("stand-in"));
  EXPECT_EQ(hosts.asked(0), 0);
  EXPECT_EQ(hosts.asked(1), 2);
}

}  // namespace
}  // namespace ktl::cli
