#include "transport/command_carrier.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {
namespace {

constexpr off_t kMaxWords = 2048;
constexpr int kEndMs = 500;

// Its last words, on one line and fit for a terminal.
std::string tail(int fd) {
  std::array<char, kMaxWords> buffer{};
  const off_t size = ::lseek(fd, 0, SEEK_CUR);  // where the program has got to
  const off_t count = std::min(size, kMaxWords);
  const ssize_t n = ::pread(fd, buffer.data(), static_cast<size_t>(count), size - count);
  std::string text = valid_utf8({buffer.data(), static_cast<size_t>(std::max<ssize_t>(n, 0))});
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

class ProgramCarrier final : public Carrier {
 public:
  ProgramCarrier(std::string name, ProgramLine line)
      : name_(std::move(name)),
        socket_(std::move(line.stream)),
        errors_(std::move(line.errors)),
        process_(std::move(line.process)) {}
  [[nodiscard]] int fd() const override { return socket_.fd(); }
  Result<size_t> read(std::span<char> buffer) override { return explained(socket_.read(buffer)); }
  Result<size_t> write(std::string_view bytes) override { return explained(socket_.write(bytes)); }

 private:
  Result<size_t> explained(Result<size_t> result) {
    if (result.ok()) {
      return result;
    }
    pollfd end{process_.get(), POLLIN, 0};
    const bool ended = ::poll(&end, 1, kEndMs) == 1;  // it has said everything then
    const std::string words = tail(errors_.get());
    return Status(Code::kUnavailable, name_ + (ended ? " has ended" : " closed the connection") +
                                          (words.empty() ? "" : ": " + words));
  }

  const std::string name_;
  SocketCarrier socket_;
  UniqueFd errors_;
  UniqueFd process_;
};

}  // namespace

std::unique_ptr<Carrier> program_carrier(std::string name, ProgramLine line) {
  return std::make_unique<ProgramCarrier>(std::move(name), std::move(line));
}

}  // namespace ktl::solver
