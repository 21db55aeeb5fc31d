// The session's HTTP/2 and gRPC layers against a hostile builder: bytes after a valid preface, cut
// into pieces, and everything the server says in return.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "session/server.h"

namespace {

using namespace ktl;

Status echo(solver::Rpc& rpc) {
  KTL_ASSIGN(std::optional<std::string> message, rpc.read());
  return rpc.write(message.value_or(rpc.value("dir-name")));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  solver::SessionServer server({{"/a/quick", echo, true}, {"/a/slow", echo}}, [] {});
  std::string_view left(reinterpret_cast<const char*>(data), size);
  const size_t piece = left.empty() ? 1 : 1 + static_cast<uint8_t>(left[0]);
  Status status = server.receive(kPreface);
  while (status.ok() && !left.empty()) {
    status = server.receive(left.substr(0, piece));
    left.remove_prefix(std::min(piece, left.size()));
  }
  server.pull(1U << 16U);  // our SETTINGS at least
  return 0;
}
