#include "cli/terminal_desk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>

#include "cli/request/order.h"

namespace ktl::cli {
namespace {

// A terminal as descriptor 0, of 30 rows and 100 columns.
class TerminalDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does: who has the terminal may go at any time
    int master = -1;
    int slave = -1;
    const winsize size{30, 100, 0, 0};
    ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
    master_.reset(master);
    slave_.reset(slave);
    before_.reset(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    ASSERT_EQ(::dup2(slave, STDIN_FILENO), STDIN_FILENO);
    bus_.subscribe({.name = "display", .sink = [this](auto batch) {
                      for (const EventPtr& event : batch) {
                        if (event->type == "terminal.lent/1") {
                          desk_.stand_still();
                          returned_ += 1;
                        }
                      }
                    }});
  }
  void TearDown() override {
    desk_.close();
    bus_.finish(std::chrono::seconds(5));
    ::dup2(before_.get(), STDIN_FILENO);
  }

  [[nodiscard]] bool raw() const {
    termios modes{};
    ::tcgetattr(slave_.get(), &modes);
    return (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0;
  }
  static bool soon(const std::function<bool()>& true_at_last) {
    for (int i = 0; i < 500 && !true_at_last(); ++i) {
      ::usleep(10'000);
    }
    return true_at_last();
  }

  UniqueFd master_;
  UniqueFd slave_;
  UniqueFd before_;
  std::atomic<int> returned_ = 0;  // how often the display could go on
  CancelToken cancel_;
  Bus bus_{"b"};
  TerminalDesk desk_{bus_, cancel_};
};

std::string some(int fd) {
  std::array<char, 100> bytes{};
  pollfd wait{fd, POLLIN, 0};
  const ssize_t got = ::poll(&wait, 1, 5'000) > 0 ? ::read(fd, bytes.data(), bytes.size()) : 0;
  return {bytes.data(), static_cast<size_t>(got < 0 ? 0 : got)};
}

TEST_F(TerminalDeskTest, CarriesKeysOutputAndSizes) {
  auto line = desk_.lend("notice");
  ASSERT_TRUE(line.ok()) << line.status().to_string();
  EXPECT_TRUE(raw());
  ASSERT_EQ(::write(master_.get(), "a\x03", 2), 2);
  EXPECT_EQ(some(line->stream.get()), "a\x03");
  ASSERT_EQ(::write(line->stream.get(), "\x1b[31mred\n", 9), 9);
  EXPECT_EQ(some(master_.get()), "\x1b[31mred\n");
  std::array<uint16_t, 2> size{};
  EXPECT_EQ(::read(line->sizes.get(), size.data(), sizeof(size)), 4);
  EXPECT_EQ(size, (std::array<uint16_t, 2>{30, 100}));
  const winsize larger{40, 120, 0, 0};
  ::ioctl(master_.get(), TIOCSWINSZ, &larger);
  const std::string told = some(line->sizes.get());
  ASSERT_EQ(told.size(), 4U);
  std::memcpy(size.data(), told.data(), 4);
  EXPECT_EQ(size, (std::array<uint16_t, 2>{40, 120}));
  line->stream.reset();
  EXPECT_TRUE(soon([this] { return returned_ == 1; }));
  EXPECT_FALSE(raw());
}

TEST_F(TerminalDeskTest, IsLentToOneAtATime) {
  auto line = desk_.lend("notice");
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(desk_.lend("again").status().code(), Code::kFailedPrecondition);
  line->stream.reset();
  EXPECT_TRUE(soon([this] { return returned_ == 1; }));
  EXPECT_TRUE(desk_.lend("again").ok());
  EXPECT_TRUE(soon([this] { return returned_ == 2; }));
}

TEST_F(TerminalDeskTest, CancellingTakesItBack) {
  auto line = desk_.lend("notice");
  ASSERT_TRUE(line.ok());
  cancel_.cancel(SIGTERM);
  EXPECT_TRUE(soon([this] { return returned_ == 1; }));
  EXPECT_FALSE(raw());
  EXPECT_EQ(some(line->stream.get()), "");
  EXPECT_EQ(desk_.lend("notice").status().code(), Code::kCancelled);
}

TEST_F(TerminalDeskTest, ClosingTakesItBack) {
  auto line = desk_.lend("notice");
  ASSERT_TRUE(line.ok());
  desk_.close();
  EXPECT_FALSE(raw());
  EXPECT_TRUE(soon([this] { return returned_ == 1; }));
}

TEST_F(TerminalDeskTest, WithoutATerminalItSaysSo) {
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::dup2(nothing.get(), STDIN_FILENO), STDIN_FILENO);
  EXPECT_EQ(desk_.lend("notice").status().code(), Code::kUnavailable);
  EXPECT_TRUE(soon([this] { return returned_ == 1; }));
}

// What -i is refused with.
std::string refusal(int fd, const std::function<void(Request&)>& change,
                    const std::string& print = "") {
  std::vector<Job> jobs(1);
  jobs[0].request.inputs.interactive = {"/bin/sh"};
  jobs[0].request.origin["interactive"] = "flag";
  change(jobs[0].request);
  return check_terminal(jobs, print, fd).message();
}

TEST_F(TerminalDeskTest, InteractiveNeedsItAsStandardInput) {
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto as_it_is = [](Request&) {};
  EXPECT_EQ(refusal(slave_.get(), as_it_is), "");
  EXPECT_EQ(refusal(nothing.get(), as_it_is),
            "-i/--interactive needs a terminal as standard input");
  EXPECT_EQ(refusal(nothing.get(), [](Request& request) { request.inputs.interactive.clear(); }),
            "");
  EXPECT_EQ(refusal(slave_.get(), as_it_is, "plan"),
            "-i/--interactive opens a shell in a step that fails, and --print runs none");
  EXPECT_EQ(refusal(slave_.get(), [](Request& request) { request.file = "-"; }),
            "-i/--interactive needs standard input for its shell, and \"-\" reads it");
}

}  // namespace
}  // namespace ktl::cli
