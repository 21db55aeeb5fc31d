// Kept content over HTTP, and the loopback that it is served on.
#include "lock/kept_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "lock/kept_name.h"

namespace ktl::lock {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<UniqueFd> content_of(const std::string& digest) {
  if (digest != "sha256:a") {
    return Status(Code::kNotFound, "absent");
  }
  UniqueFd file(::memfd_create("content", MFD_CLOEXEC));
  EXPECT_TRUE(write_all(file.get(), "the content").ok());
  return file;
}

// All that comes for one request at 127.0.0.1:`port`; empty: nobody is there.
std::string ask(uint16_t port, const std::string& head) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return {};
  }
  static_cast<void>(write_all(fd.get(), head));  // it may hang up before the end
  const auto all = read_all(fd.get(), 1U << 20U);
  return all.ok() ? *all : "";
}

uint16_t port_of(const KeptServer& server) {
  return static_cast<uint16_t>(std::stoi(server.base().substr(sizeof("http://127.0.0.1:") - 1)));
}

std::string path_of(const KeptServer& server, const std::string& name) {
  return server.base().substr(server.base().find('/', 8)) + "/" + name;
}

class KeptServerTest : public ::testing::Test {
 protected:
  std::string get(const std::string& path, const std::string& method = "GET") {
    return ask(port_of(server_), method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  KeptServer server_{*listen_near(::getpid()), content_of};
};

TEST_F(KeptServerTest, GivesWhatWasAddedWithItsType) {
  const std::string name = kept_name("RUN x", "http://h/x");
  server_.add(name, "sha256:a", "text/html");
  const std::string answer = get(path_of(server_, name));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 11\r\nContent-Type: text/html\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nthe content"));
}

TEST_F(KeptServerTest, GivesNothingElse) {
  const std::string name = kept_name("RUN x", "http://h/x");
  server_.add(name, "sha256:a", "");
  server_.add("gone", "sha256:b", "");
  EXPECT_THAT(get("/" + name), StartsWith("HTTP/1.1 404"));  // without the secret
  EXPECT_THAT(get(path_of(server_, name + "x")), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(path_of(server_, "gone")), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(path_of(server_, name), "POST"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(path_of(server_, name), "HEAD"), StartsWith("HTTP/1.1 404"));
}

TEST_F(KeptServerTest, AnEndlessHeadIsNotWaitedFor) {
  const std::string answer = ask(port_of(server_), "GET /" + std::string(70'000, 'a'));
  EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 404")) << answer;
}

TEST(KeptServer, EndsAlthoughSomebodyIsConnected) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  {
    KeptServer server(*listen_near(::getpid()), content_of);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_of(server));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ask(port_of(server), "GET / HTTP/1.1\r\n\r\n");  // it has accepted by now
  }
  char end = 0;
  EXPECT_LE(::recv(fd.get(), &end, 1, MSG_DONTWAIT), 0);
}

TEST(KeptName, IsOneForAllSpellingsAndOtherForOtherSteps) {
  EXPECT_EQ(kept_name("RUN x", "https://H:443/x"), kept_name("RUN x", "https://h/x"));
  EXPECT_NE(kept_name("RUN x", "https://h/x"), kept_name("RUN y", "https://h/x"));
  EXPECT_NE(kept_name("RUN x", "https://h/x"), kept_name("RUN x", "https://h:444/x"));
  EXPECT_EQ(spelling("no url"), "no url");
}

// A process in a network of its own, which connects to `port` when told and says what it got.
struct Inmate {
  pid_t pid = -1;
  UniqueFd talk;
};

void bring_loopback_up() {
  const UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{"lo", {}};
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(control.get(), SIOCSIFFLAGS, &request);
}

Inmate start_inmate() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    char inside = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 'y' : 'n';
    bring_loopback_up();
    ::send(ends[1], &inside, 1, 0);
    uint16_t port = 0;
    if (inside == 'y' && ::recv(ends[1], &port, sizeof(port), 0) == sizeof(port)) {
      const std::string got = ask(port, "GET /nothing HTTP/1.1\r\n\r\n");
      ::send(ends[1], got.data(), std::min<size_t>(got.size(), 64), 0);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  Inmate inmate{pid, UniqueFd(ends[0])};
  char inside = 'n';
  ::recv(inmate.talk.get(), &inside, 1, 0);
  if (inside != 'y') {
    ::waitpid(pid, nullptr, 0);
    inmate.pid = -1;
  }
  return inmate;
}

TEST(Listener, IsOnTheOtherProcessOwnLoopback) {
  const Inmate inmate = start_inmate();
  if (inmate.pid < 0) {
    GTEST_SKIP() << "no namespaces of users here";
  }
  {
    auto listener = listen_near(inmate.pid);
    ASSERT_TRUE(listener.ok()) << listener.status().message();
    const uint16_t port = listener->port;
    const KeptServer server(*std::move(listener), content_of);
    EXPECT_EQ(ask(port, "GET / HTTP/1.1\r\n\r\n"), "");  // not on this one
    ::send(inmate.talk.get(), &port, sizeof(port), 0);
    std::array<char, 64> got{};
    const ssize_t size = ::recv(inmate.talk.get(), got.data(), got.size(), 0);
    EXPECT_THAT(std::string(got.data(), size > 0 ? static_cast<size_t>(size) : 0),
                StartsWith("HTTP/1.1 404"));
  }
  ::waitpid(inmate.pid, nullptr, 0);
}

TEST(Listener, KnowsWhoListens) {
  const std::string path = "/tmp/ktl-listener-" + std::to_string(::getpid());
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{AF_UNIX, {}};
  path.copy(static_cast<char*>(address.sun_path), path.size());
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(process_behind(path).status().code(), Code::kUnavailable);
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  const auto process = process_behind(path);
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(*process, ::getpid());
  ::unlink(path.c_str());
  EXPECT_EQ(process_behind(path).status().code(), Code::kUnavailable);
}

TEST(Listener, AProcessThatIsGoneHasNone) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(listen_near(pid).status().code(), Code::kFailedPrecondition);
}

}  // namespace
}  // namespace ktl::lock
