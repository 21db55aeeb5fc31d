#include "transport/upgrade.h"

#include <poll.h>

#include "base/clock.h"
#include "base/json.h"

namespace ktl::solver {
namespace {

constexpr int64_t kPatienceNs = 10'000'000'000;
constexpr size_t kMaxHead = 16U << 10U;

Result<std::string> request(const std::string& path,
                            const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string text = "POST " + path +
                     " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                     "User-Agent: ktl\r\nContent-Length: 0\r\n";
  for (const auto& [name, value] : headers) {
    if (value.find_first_of("\r\n") != std::string::npos) {
      return Status(Code::kInvalidArgument, "the header " + name + " would have two lines");
    }
    text += name + ": " + value + "\r\n";
  }
  return text + "\r\n";
}

Status send(Carrier& carrier, std::string_view text, int64_t deadline_ns,
            const Cancelled& cancelled) {
  while (!text.empty()) {
    KTL_ASSIGN(const size_t n, carrier.write(text));
    text.remove_prefix(n);
    if (n == 0) {
      KTL_TRY(wait_for(carrier.fd(), POLLOUT, deadline_ns, cancelled));
    }
  }
  return {};
}

// Byte by byte: what follows the head belongs to HTTP/2.
Result<std::string> read_head(Carrier& carrier, int64_t deadline_ns, const Cancelled& cancelled) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    KTL_ASSIGN(const size_t n, carrier.read({&byte, 1}));
    if (n == 0) {
      KTL_TRY(wait_for(carrier.fd(), POLLIN, deadline_ns, cancelled));
      continue;
    }
    head.push_back(byte);
    if (head.size() > kMaxHead) {
      return Status(Code::kUnavailable, "the daemon's answer has more than 16 KiB of headers");
    }
  }
  return head;
}

}  // namespace

Status upgrade(Carrier& carrier, const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& headers,
               const Cancelled& cancelled) {
  const int64_t deadline_ns = system_clock().monotonic_ns() + kPatienceNs;
  KTL_ASSIGN(const std::string text, request(path, headers));
  KTL_TRY(send(carrier, text, deadline_ns, cancelled));
  KTL_ASSIGN(const std::string head, read_head(carrier, deadline_ns, cancelled));
  if (!head.starts_with("HTTP/1.1 101 ") && !head.starts_with("HTTP/1.1 101\r")) {
    return {Code::kUnimplemented,
            "the daemon does not open " + path + ": " +
                valid_utf8(head.substr(0, std::min<size_t>(head.find('\r'), 200)))};
  }
  return {};
}

}  // namespace ktl::solver
