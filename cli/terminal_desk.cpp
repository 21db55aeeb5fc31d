#include "cli/terminal_desk.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace ktl::cli {
namespace {

constexpr std::chrono::seconds kDisplayPatience(5);
constexpr int kLookMs = 200;  // how often the window's size is looked at, as the display does
constexpr size_t kPiece = 4096;

// Opened once more, so that being non-blocking stays our own affair: the shell that started ktl
// shares descriptor 0.
UniqueFd open_terminal() {
  UniqueFd own(::open("/proc/self/fd/0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  return own.valid() ? std::move(own) : UniqueFd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
}

using Size = std::array<uint16_t, 2>;

Size size_of(int terminal) {
  winsize size{};
  if (::ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    return {24, 80};
  }
  return {size.ws_row, size.ws_col};
}

bool tries_again(ssize_t got) { return got < 0 && (errno == EAGAIN || errno == EINTR); }

// Bytes from one descriptor to another; at most one piece waits in between.
class Way {
 public:
  Way(int from, int to) : from_(from), to_(to) {}

  // What to wait for on either side.
  [[nodiscard]] int16_t reads() const { return waiting_.empty() ? POLLIN : 0; }
  [[nodiscard]] int16_t writes() const { return waiting_.empty() ? 0 : POLLOUT; }

  // False: one side is gone.
  bool take() {
    std::array<char, kPiece> piece{};
    const ssize_t got = ::read(from_, piece.data(), piece.size());
    if (got > 0) {
      waiting_.assign(piece.data(), static_cast<size_t>(got));
      last_ = waiting_.back();
    }
    return got > 0 ? give() : tries_again(got);
  }
  bool give() {
    const ssize_t put = ::write(to_, waiting_.data(), waiting_.size());
    if (put > 0) {
      waiting_.erase(0, static_cast<size_t>(put));
    }
    return put >= 0 || tries_again(put);
  }
  [[nodiscard]] bool within_a_line() const { return last_ != '\n'; }

 private:
  const int from_;
  const int to_;
  std::string waiting_;
  char last_ = '\n';
};

}  // namespace

TerminalDesk::~TerminalDesk() { close(); }

void TerminalDesk::close() {
  ends_.set();
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.wait(lock, [this] { return !lent_; });
  lock.unlock();
  if (carrier_.joinable()) {
    carrier_.join();
  }
}

struct TerminalDesk::Ends {
  UniqueFd terminal;
  UniqueFd stream;
  UniqueFd sizes;
  std::optional<RawTerminal> raw;
};

// Waits for the display, and makes the terminal raw.
Status TerminalDesk::prepare(std::unique_lock<std::mutex>& lock, std::string_view notice,
                             Ends& ends) {
  if (lent_ || closed_ || cancel_.cancelled()) {
    return lent_ ? Status(Code::kFailedPrecondition, "the terminal is lent already")
                 : Status(Code::kCancelled, "the build is over");
  }
  lent_ = true;
  still_ = false;
  bus_.publish("terminal.lent/1", {{"notice", valid_utf8(notice)}});
  changed_.wait_for(lock, kDisplayPatience, [this] { return still_; });
  ends.terminal = open_terminal();
  Result<RawTerminal> raw = RawTerminal::enter(ends.terminal.get());
  if (!raw.ok()) {
    lock.unlock();
    give_back();
    return {Code::kUnavailable, raw.status().message()};
  }
  ends.raw = *std::move(raw);
  return {};
}

Result<TerminalLine> TerminalDesk::lend(std::string_view notice) {
  std::array<int, 2> sockets{};
  std::array<int, 2> pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  TerminalLine line{UniqueFd(sockets[0]), {}};
  Ends ends{.terminal = {}, .stream = UniqueFd(sockets[1]), .sizes = {}, .raw = {}};
  if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return errno_status("pipe", errno);
  }
  line.sizes = UniqueFd(pipe[0]);
  ends.sizes = UniqueFd(pipe[1]);
  ::fcntl(ends.stream.get(), F_SETFL, O_NONBLOCK);
  std::unique_lock lock(mutex_);
  KTL_TRY(prepare(lock, notice, ends));
  if (carrier_.joinable()) {
    carrier_.join();  // of the last time: it has given the terminal back
  }
  carrier_ = std::thread([this, held = std::move(ends)]() mutable {
    carry(held);
    held = {};
    give_back();
  });
  return line;
}

void TerminalDesk::carry(const Ends& ends) {
  const UniqueFd& terminal = ends.terminal;
  const UniqueFd& stream = ends.stream;
  Way typed(terminal.get(), stream.get());
  Way shown(stream.get(), terminal.get());
  Size told{};
  std::array<pollfd, 4> wait{{{terminal.get(), 0, 0},
                              {stream.get(), 0, 0},
                              {cancel_.fd(), POLLIN, 0},
                              {ends_.fd(), POLLIN, 0}}};
  bool open = true;
  while (open && wait[2].revents == 0 && wait[3].revents == 0) {
    if (const Size now = size_of(terminal.get()); now != told) {
      told = ::write(ends.sizes.get(), now.data(), sizeof(now)) == sizeof(now) ? now : told;
    }
    wait[0].events = static_cast<int16_t>(typed.reads() | shown.writes());
    wait[1].events = static_cast<int16_t>(shown.reads() | typed.writes());
    ::poll(wait.data(), wait.size(), kLookMs);
    const int terminal_has = wait[0].revents;
    const int stream_has = wait[1].revents;
    open = ((terminal_has & POLLOUT) == 0 || shown.give()) &&
           ((stream_has & POLLOUT) == 0 || typed.give()) &&
           ((terminal_has & ~POLLOUT) == 0 || typed.reads() == 0 || typed.take()) &&
           ((stream_has & ~POLLOUT) == 0 || shown.reads() == 0 || shown.take());
  }
  if (shown.within_a_line()) {
    [[maybe_unused]] const ssize_t put = ::write(terminal.get(), "\r\n", 2);
  }
}

void TerminalDesk::give_back() {
  bus_.publish("terminal.returned/1", {});
  const std::lock_guard lock(mutex_);
  lent_ = false;
  changed_.notify_all();
}

void TerminalDesk::stand_still() {
  std::unique_lock lock(mutex_);
  still_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !lent_; });
}

}  // namespace ktl::cli
