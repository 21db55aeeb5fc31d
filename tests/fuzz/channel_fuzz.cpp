// The gRPC client against a hostile builder: whatever bytes come, every call ends.
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "transport/channel.h"
#include "transport/socket_carrier.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ktl::solver;
  std::array<int, 2> ends{};
  if (size > (64U << 10U) || ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    return 0;
  }
  ktl::UniqueFd builder(ends[0]);
  Channel channel(std::make_unique<SocketCarrier>(ktl::UniqueFd(ends[1])), "it");
  CallSetup setup;
  setup.path = "/a/B";
  const auto call = channel.start(std::move(setup));
  // SETTINGS without a word first, so that the rest is looked at.
  static constexpr std::string_view kSettings("\0\0\0\4\0\0\0\0\0", 9);
  if (::send(builder.get(), kSettings.data(), kSettings.size(), MSG_NOSIGNAL) > 0) {
    (void)!::send(builder.get(), data, size, MSG_NOSIGNAL);
  }
  ::shutdown(builder.get(), SHUT_WR);
  if (!call->wait(10'000).ok()) {
    std::abort();
  }
  while (call->read()) {
  }
  return 0;
}
