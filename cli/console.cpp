#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

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

ProcessConsole::ProcessConsole(bool dumb) : terminal_(!dumb && ::isatty(STDERR_FILENO) == 1) {}

void ProcessConsole::out(std::string_view text) {
  Status status = write_all(STDOUT_FILENO, text);
  bool reader_left = status.code() == Code::kUnavailable;  // EPIPE: `ktl help | head`
  lost_ = lost_ || (!status.ok() && !reader_left);
}

void ProcessConsole::err(std::string_view text) {
  [[maybe_unused]] Status ignored = write_all(STDERR_FILENO, text);
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
