#include "transport/pump.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ktl::solver {
namespace {

constexpr size_t kPiece = 256U << 10U;

}  // namespace

Pump::Pump(std::unique_ptr<Carrier> carrier, Endpoint& endpoint)
    : carrier_(std::move(carrier)),
      endpoint_(endpoint),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      buffer_(std::make_unique_for_overwrite<std::array<char, 64U << 10U>>()) {}

void Pump::start() {
  thread_ = std::thread([this] { run(); });
}

void Pump::wake() {
  if (!woken_.exchange(true)) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
  }
}

void Pump::stop() {
  stopping_ = true;
  wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Pump::run() {
  Status status;
  while (status.ok() && !stopping_) {
    status = turn();
  }
  if (status.ok()) {
    status = send();
  }
  carrier_.reset();
  endpoint_.ended(status.ok() ? Status(Code::kCancelled, "the connection was closed") : status);
}

Status Pump::turn() {
  KTL_TRY(send());
  const bool writes = !out_.empty() || carrier_->wants_write();
  std::array<pollfd, 2> wait{
      {{carrier_->fd(), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0},
       {event_.get(), POLLIN, 0}}};
  ::poll(wait.data(), wait.size(), more_ ? 0 : -1);
  if (wait[1].revents != 0) {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
    woken_ = false;  // before pull: what comes later wakes again
  }
  return wait[0].revents == 0 && !more_ ? Status() : receive();
}

Status Pump::send() {
  while (true) {
    if (out_.empty()) {
      out_ = endpoint_.pull(kPiece);
      sent_ = 0;
    }
    if (out_.empty()) {
      return {};
    }
    KTL_ASSIGN(const size_t n, carrier_->write(std::string_view(out_).substr(sent_)));
    sent_ += n;
    if (sent_ == out_.size()) {
      out_.clear();
    } else if (n == 0) {
      return {};
    }
  }
}

Status Pump::receive() {
  more_ = true;  // until the carrier says otherwise; sending gets its turn meanwhile
  for (size_t total = 0; total < kPiece;) {
    KTL_ASSIGN(const size_t n, carrier_->read(*buffer_));
    if (n == 0) {
      more_ = false;
      return {};
    }
    total += n;
    KTL_TRY(endpoint_.receive({buffer_->data(), n}));
  }
  return {};
}

}  // namespace ktl::solver
