#include "error_details.h"

#include <algorithm>

#include "rpc_status.pb.h"

namespace ktl::solver {
namespace {

constexpr int kMaxDetails = 64;
constexpr size_t kMaxDetailBytes = 4U << 20U;

}  // namespace

std::vector<ErrorDetail> error_details(const std::string& details) {
  std::vector<ErrorDetail> found;
  google::rpc::Status status;
  if (details.size() > kMaxDetailBytes || !status.ParseFromString(details)) {
    return found;
  }
  for (int i = 0; i < std::min(status.details_size(), kMaxDetails); ++i) {
    Result<json::value> value = parse_json(status.details(i).value(), kMaxDetailBytes);
    if (value.ok()) {
      found.push_back({status.details(i).type_url(), *std::move(value)});
    }
  }
  return found;
}

}  // namespace ktl::solver
