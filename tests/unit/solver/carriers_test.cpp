#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/process.h"
#include "control/missing.h"
#include "transport/command_carrier.h"
#include "transport/upgrade.h"

namespace ktl::solver {
namespace {

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

// `script` as ktl would have started it.
std::unique_ptr<Carrier> carrier_of(const std::string& script) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd theirs(ends[1]);
  UniqueFd errors(::memfd_create("errors", MFD_CLOEXEC));
  Command command;
  command.argv = {"sh", "-c", script};
  Result<Child> child = spawn_on(command, theirs.get(), errors.get(), true);
  EXPECT_TRUE(child.ok());
  UniqueFd process(::dup(child->pidfd()));
  child->release();
  return program_carrier("sh", {UniqueFd(ends[0]), std::move(errors), std::move(process)});
}

TEST(ProgramCarrier, SpeaksOnTheProgramsStandardInputAndOutput) {
  auto carrier = carrier_of("head -c 5");
  EXPECT_EQ(*carrier->write("hello"), 5U);
  EXPECT_EQ(drain(*carrier).first, "hello");
}

TEST(ProgramCarrier, QuotesTheProgramsLastWords) {
  auto carrier = carrier_of("printf 'no\\033 such\\nhost\\n' >&2; exit 7");
  const Status status = drain(*carrier).second;
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.message(), "sh has ended: no  such host");
}

TEST(ProgramCarrier, WaitsForWordsThatComeAfterTheEndOfTheStream) {
  auto carrier = carrier_of("exec >&- <&-; sleep 0.2; echo too late >&2");
  EXPECT_EQ(drain(*carrier).second.message(), "sh has ended: too late");
}

TEST(ProgramCarrier, AMillionWordsAreNoHarm) {
  auto carrier = carrier_of("yes word | head -c 1000000 >&2; exit 1");
  EXPECT_LT(drain(*carrier).second.message().size(), 4096U);
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

TEST(Missing, IsNamedByVersion) {
  EXPECT_TRUE(missing_features({"v0.34.2", {}}).empty());
  EXPECT_TRUE(missing_features({"dev", {}}).empty());
  EXPECT_FALSE(missing_features({"v0.10.6", {}}).empty());
  EXPECT_FALSE(can_stage({"", {}}));
  EXPECT_TRUE(can_stage({"v0.11.0", {}}));
}

}  // namespace
}  // namespace ktl::solver
