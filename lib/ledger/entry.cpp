#include "ledger/entry.h"

#include <utility>

#include "base/sha256.h"

namespace ktl::ledger {
namespace {

constexpr size_t kMostFence = 128;

Status bad(const std::string& what) {
  return {Code::kInvalidArgument, "no entry of the ledger: " + what};
}

bool is_digest_or_empty(std::string_view text) { return text.empty() || is_digest(text); }

Result<std::vector<Request>> requests_of(const json::value& value) {
  const json::value* list = field_of(value, "requests");
  if (list == nullptr || !list->is_array() || list->get_array().size() > kMostRequests) {
    return bad("its requests are no list of at most 10,000");
  }
  std::vector<Request> requests;
  for (const json::value& each : list->get_array()) {
    Request request{std::string(text_of(each, "url")), std::string(text_of(each, "digest")),
                    int_of(each, "size", -1)};
    if (request.url.empty() || !is_digest_or_empty(request.digest) || request.size < 0) {
      return bad("a request without URL, digest or size");
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

std::string to_line(const Entry& entry) {
  json::array requests;
  for (const Request& request : entry.requests) {
    requests.push_back({{"url", request.url}, {"digest", request.digest}, {"size", request.size}});
  }
  return json::serialize(json::object{{"schema", "ktl.ledger/1"},
                                      {"step", entry.step},
                                      {"fence", entry.fence},
                                      {"requests", std::move(requests)},
                                      {"policy", entry.policy},
                                      {"time_ns", entry.time_ns}});
}

Result<Entry> entry_from_line(std::string_view line) {
  KTL_ASSIGN(json::value value, parse_json(line, kMostLine));
  Entry entry;
  entry.step = text_of(value, "step");
  entry.fence = text_of(value, "fence");
  entry.policy = text_of(value, "policy");
  entry.time_ns = int_of(value, "time_ns", -1);
  if (text_of(value, "schema") != "ktl.ledger/1" || !is_digest(entry.step)) {
    return bad("another schema, or no step");
  }
  if (entry.fence.empty() || entry.fence.size() > kMostFence || !is_digest_or_empty(entry.policy) ||
      entry.time_ns < 0) {
    return bad("no fence, policy or time");
  }
  KTL_ASSIGN(entry.requests, requests_of(value));
  return entry;
}

}  // namespace ktl::ledger
