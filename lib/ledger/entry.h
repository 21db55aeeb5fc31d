// What is known of a step that ran: one line of the ledger.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::ledger {

// Something the step fetched.
struct Request {
  std::string url;
  std::string digest;  // of the answer, "sha256:<hex>"; empty when it is not known
  int64_t size = 0;    // bytes
};

struct Entry {
  std::string step;            // its digest (chain.h)
  std::string fence = "none";  // behind which it ran
  std::vector<Request> requests;
  std::string policy;   // digest of the policies that judged it; empty: none did
  int64_t time_ns = 0;  // when, since 1970
};

// One JSON object (docs/schema/ledger-1.json) without a newline.
std::string to_line(const Entry& entry);

// The reverse. A ledger is a file opened later: kInvalidArgument for what is no entry, bounded by
// kMostLine and kMostRequests.
Result<Entry> entry_from_line(std::string_view line);
inline constexpr size_t kMostLine = 4U << 20U;  // bytes
inline constexpr size_t kMostRequests = 10000;

}  // namespace ktl::ledger
