// Sockets as carriers: unix, TCP, and one end of a socket pair.
#pragma once

#include "base/fd.h"
#include "builders/sockets.h"
#include "transport/carrier.h"

namespace ktl::solver {

using builder::Cancelled;
using builder::connect_tcp;
using builder::connect_unix;
using builder::wait_for;

// A connected stream socket, which becomes non-blocking.
class SocketCarrier final : public Carrier {
 public:
  explicit SocketCarrier(UniqueFd socket);
  [[nodiscard]] int fd() const override { return socket_.get(); }
  Result<size_t> read(std::span<char> buffer) override;
  Result<size_t> write(std::string_view bytes) override;

 private:
  UniqueFd socket_;
};

}  // namespace ktl::solver
