#include "builder/gate.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "base/fd.h"
#include "base/json.h"
#include "builder/gate_journal.h"

namespace ktl::builder {
namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd listen_somewhere(uint16_t& port, int flags) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd.get(), 64), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

UniqueFd connect_to(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

std::string read_until_end(int fd) {
  std::string all;
  std::array<char, 65536> buffer{};
  for (ssize_t size = 0; (size = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<size_t>(size));
  }
  return all;
}

// A server that answers each connection with what it was sent, once that has ended, and a mark.
class GateTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("gate." + std::to_string(::getpid()));
  uint16_t server_port_ = 0;
  UniqueFd server_;
  std::thread serving_;
  uint16_t gate_port_ = 0;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    server_ = listen_somewhere(server_port_, 0);
    serving_ = std::thread([this] {
      while (true) {
        UniqueFd client(::accept(server_.get(), nullptr, nullptr));
        if (!client.valid()) {
          return;
        }
        std::thread([client = std::move(client)] {
          static_cast<void>(write_all(client.get(), read_until_end(client.get()) + "|seen"));
        }).detach();
      }
    });
  }
  void TearDown() override {
    ::shutdown(server_.get(), SHUT_RDWR);
    serving_.join();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<Gate> gate(bool admit = true) {
    GateSettings settings{
        {{"localhost", server_port_}, {"named.example", 0}}, "", {}, folder_ / "journal"};
    auto made =
        std::make_unique<Gate>(settings, [admit](const sockaddr_in&, uint16_t) { return admit; });
    made->serve_proxy(listen_somewhere(gate_port_, SOCK_NONBLOCK));
    return made;
  }
  std::string ask(const std::string& request) {
    UniqueFd client = connect_to(gate_port_);
    EXPECT_TRUE(write_all(client.get(), request).ok());
    ::shutdown(client.get(), SHUT_WR);
    return read_until_end(client.get());
  }
  std::string journal() { return *read_file(folder_ / "journal", 1 << 20); }
};

TEST_F(GateTest, ATunnelCarriesBothWaysAndIsRecorded) {
  {
    auto open = gate();
    const std::string big(3 << 20, 'x');
    std::string answer =
        ask("CONNECT localhost:" + std::to_string(server_port_) + " HTTP/1.1\r\n\r\n" + big);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(answer.ends_with(big + "|seen"));
  }
  auto entry = parse_json(journal());
  EXPECT_TRUE(bool_of(*entry, "allowed"));
  EXPECT_EQ(text_of(*entry, "host"), "localhost");
  EXPECT_EQ(int_of(*entry, "sent"), 3 << 20);
  EXPECT_EQ(int_of(*entry, "received"), (3 << 20) + 5);
}

TEST_F(GateTest, APlainRequestIsRewritten) {
  auto open = gate();
  const std::string port = std::to_string(server_port_);
  EXPECT_EQ(ask("GET http://localhost:" + port + "/a HTTP/1.1\r\nHost: evil\r\n\r\n"),
            "GET /a HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n|seen");
}

TEST_F(GateTest, WhatIsNotListedGetsNoConnection) {
  {
    auto open = gate();
    for (const char* target : {"example.org:443", "127.0.0.1:80", "[::1]:80", "localhost:1"}) {
      EXPECT_TRUE(
          ask(std::string("CONNECT ") + target + " HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 403 "))
          << target;
    }
    EXPECT_TRUE(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(ask(std::string(20000, 'x')).starts_with("HTTP/1.1 400 "));
  }
  EXPECT_NE(journal().find(R"("host":"example.org","port":443,"method":"CONNECT","allowed":false)"),
            std::string::npos);
}

TEST_F(GateTest, WhoIsNotAdmittedIsNotHeard) {
  auto open = gate(false);
  EXPECT_EQ(ask("CONNECT localhost:" + std::to_string(server_port_) + " HTTP/1.1\r\n\r\n"), "");
}

TEST_F(GateTest, AForwarderLeadsToItsPort) {
  auto open = gate();
  uint16_t port = 0;
  UniqueFd listener = listen_somewhere(port, SOCK_NONBLOCK);
  open->serve_forwarder(std::move(listener), server_port_);
  UniqueFd client = connect_to(port);
  ASSERT_TRUE(write_all(client.get(), "hello").ok());
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(read_until_end(client.get()), "hello|seen");
}

TEST_F(GateTest, ManyAtOnce) {
  auto open = gate();
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back([&] {
      const std::string text(100'000, 'y');
      good += ask("CONNECT localhost:" + std::to_string(server_port_) + " HTTP/1.1\r\n\r\n" + text)
                  .ends_with(text + "|seen");
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(good, 40);
}

TEST_F(GateTest, ItsEndEndsConnections) {
  auto open = gate();
  UniqueFd client = connect_to(gate_port_);
  ASSERT_TRUE(write_all(client.get(),
                        "CONNECT localhost:" + std::to_string(server_port_) + " HTTP/1.1\r\n\r\n")
                  .ok());
  std::array<char, 64> buffer{};
  ASSERT_GT(::read(client.get(), buffer.data(), buffer.size()), 0);
  open.reset();
  EXPECT_LE(::read(client.get(), buffer.data(), buffer.size()), 0);
}

TEST_F(GateTest, WhatTheDaemonWasRefusedIsKnownAfterwards) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "refused.gate";
  std::filesystem::remove(file);
  EXPECT_TRUE(refused_since(file, 0).empty());
  EXPECT_FALSE(std::filesystem::exists(file));
  GateJournal journal(file);
  journal.add({{"before.example", 443}, "CONNECT", false, "is not on this builder's list", 0, 0});
  const int64_t size = journal_size(file);
  journal.add({{"cdn.example", 443}, "CONNECT", false, "is not on this builder's list", 0, 0});
  journal.add({{"cdn.example", 443}, "CONNECT", false, "is not on this builder's list", 0, 0});
  journal.add({{"good.example", 443}, "CONNECT", true, "", 1, 1});
  journal.add({{"", 3128}, "", false, "came from a step, not from the daemon", 0, 0});
  EXPECT_EQ(refused_since(file, size),
            std::vector<std::string>{
                "the builder's gate refused cdn.example:443: is not on this builder's list"});
  EXPECT_EQ(refused_since(file, 1 << 30).size(), 2U);  // a new journal began meanwhile
  for (int i = 0; i < 100; ++i) {
    journal.add({{"h" + std::to_string(i), 1}, "GET", false, "x", 0, 0});
  }
  EXPECT_EQ(refused_since(file, size).size(), 8U);
}

}  // namespace
}  // namespace ktl::builder
