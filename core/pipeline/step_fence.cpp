#include "core/pipeline/step_fence.h"

#include <algorithm>

#include "lock/allow_list.h"

namespace ktl {
namespace {

constexpr const char* kAny = "*";

class Reader {
 public:
  explicit Reader(const Request& request) : request_(request) {}

  [[nodiscard]] Status check() const {
    const auto& hosts = request_.allow_network;
    if (std::ranges::find(hosts, kAny) != hosts.end() && hosts.size() > 1) {
      return usage("allow_network", "--allow-network is given with hosts and without",
                   "name hosts, or allow everything");
    }
    if (request_.network == "none" && !hosts.empty()) {
      return usage("allow_network", "--network none and --allow-network contradict each other",
                   "leave one of them out");
    }
    if (request_.network == "host" && is_behind_fence()) {
      return usage("network", "with --network host steps are behind no fence",
                   "leave it out; --allow-network=HOST:PORT lets them reach a service");
    }
    if (request_.allow_unpinned_bases && !request_.hermetic) {
      return usage("allow_unpinned_bases",
                   "--allow-unpinned-bases means nothing without --hermetic",
                   "add --hermetic or leave it out");
    }
    return check_entitlements();
  }

  [[nodiscard]] std::string network() const {
    if (is_recorded(request_)) {
      return "record";
    }
    if (lists_hosts()) {
      return "list";
    }
    return request_.hermetic && request_.allow_network.empty() ? "none" : "open";
  }

  [[nodiscard]] bool lists_hosts() const {
    return !request_.allow_network.empty() && request_.allow_network.front() != kAny;
  }

 private:
  [[nodiscard]] bool is_behind_fence() const {
    return request_.hermetic || lists_hosts() || is_recorded(request_);
  }

  // What a step may do with these, no fence around its network can see.
  [[nodiscard]] Status check_entitlements() const {
    for (const char* name : {"security.insecure", "network.host"}) {
      const auto& allow = request_.inputs.allow;
      if (is_behind_fence() && std::ranges::find(allow, name) != allow.end()) {
        return usage("allow", std::string("--allow ") + name + " takes steps out of the fence",
                     is_recorded(request_)
                         ? "leave it out: what such steps fetch cannot be locked"
                         : "leave it out, or build without --hermetic and --allow-network=HOST");
      }
    }
    return {};
  }

  [[nodiscard]] Status usage(const std::string& field, const std::string& what,
                             const std::string& advice) const {
    const auto origin = request_.origin.find(field);
    return Status(Code::kInvalidArgument, what)
        .at(origin == request_.origin.end() ? "" : origin->second)
        .advise(advice);
  }

  const Request& request_;
};

}  // namespace

bool asks_for_fence(const Request& request) {
  return request.hermetic || is_recorded(request) || Reader(request).lists_hosts();
}

Status plan_fence(const Request& request, Plan& plan) {
  const Reader reader(request);
  KTL_TRY(reader.check());
  plan.fence.network = reader.network();
  plan.fence.hermetic = request.hermetic;
  plan.fence.unpinned_bases = request.allow_unpinned_bases;
  if (reader.lists_hosts()) {
    plan.fence.allow = request.allow_network;
    KTL_TRY(lock::AllowList::parse(plan.fence.allow).status().in("--allow-network"));
  }
  return {};
}

}  // namespace ktl
