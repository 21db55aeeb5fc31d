#include "cli/console.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/fd.h"

namespace ktl::cli {
namespace {

constexpr size_t kMostColumns = 1000;

winsize size_of_terminal() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) {
    return {};
  }
  return size;
}

}  // namespace

void Console::err(std::string_view text) {
  std::lock_guard lock(diverting_);
  if (taker_) {
    taker_(text);
  } else {
    draw(text);
  }
}

void Console::divert(Taker taker) {
  std::lock_guard lock(diverting_);
  taker_ = std::move(taker);
}

ProcessConsole::ProcessConsole(bool dumb) : terminal_(!dumb && ::isatty(STDERR_FILENO) == 1) {}

void ProcessConsole::out(std::string_view text) {
  Status status = write_all(STDOUT_FILENO, text);
  bool reader_left = status.code() == Code::kUnavailable;  // EPIPE: `ktl help | head`
  lost_ = lost_ || (!status.ok() && !reader_left);
}

void ProcessConsole::draw(std::string_view text) {
  std::lock_guard lock(writing_);
  [[maybe_unused]] Status ignored = write_all(STDERR_FILENO, text);
}

void ProcessConsole::hush() {
  constexpr std::chrono::milliseconds kPatience(200);
  [[maybe_unused]] bool taken = writing_.try_lock_for(kPatience);  // for good
}

bool ProcessConsole::one_place() const {
  struct stat out{};
  struct stat err{};
  return ::fstat(STDOUT_FILENO, &out) == 0 && ::fstat(STDERR_FILENO, &err) == 0 &&
         out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

size_t ProcessConsole::columns() const {
  size_t columns = size_of_terminal().ws_col;
  return columns == 0 || columns > kMostColumns ? 80 : columns;
}

size_t ProcessConsole::rows() const {
  size_t rows = size_of_terminal().ws_row;
  return rows == 0 ? 24 : rows;
}

}  // namespace ktl::cli
