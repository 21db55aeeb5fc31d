// Which builder an address means.
#include "builder/builder.h"
#include "builder/instance.h"
#include "builder/survey.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxNote = 900;  // of a list; the lease's schema has room for 1024 in all

// What is known of the builder that `home` has and that runs, as long as its lock is held.
Builder looked_at(const Site& site, UniqueFd lock) {
  Builder builder{"unix://" + site.home.socket.string(), "private", "", false, std::move(lock), {}};
  if (auto instance = running_instance(site.home)) {
    builder.lines = look_at_fence(site.home, site.settings.network, instance->daemon.pid);
    builder.steps_fenced = is_fence(builder.lines);
  }
  auto network = parse_network(site.settings.network);
  builder.journal = network.ok() && network->kind == "allow" ? site.home.gate_journal() : "";
  builder.note = builder.steps_fenced && network.ok()
                     ? "RUN steps are fenced: jail ktl-builder, network " +
                           network_note(*network).substr(0, kMaxNote)
                     : "RUN steps are not fenced: the private builder's jail could not be seen";
  return builder;
}

// What `reasons` speak against, docker's BuildKit may do instead.
Result<Builder> docker_instead(const BuilderRequest& request, const Status& reasons,
                               const Caller& caller) {
  if (!parse_address("docker", request.getenv).ok() || !answers(docker_socket(request.getenv))) {
    return reasons;
  }
  caller.say(reasons.message() + "; using docker's BuildKit instead");
  return Builder{"docker", "external", unfenced_note("docker"), false, UniqueFd(), {}};
}

Result<Builder> private_builder(const BuilderRequest& request, const Caller& caller) {
  auto site = site_for(request);
  if (!site.ok() && site.status().code() != Code::kUnavailable) {
    return std::move(site).status();
  }
  bool runs = site.ok() && running_instance(site->home).has_value();
  if (Status reasons = runs ? Status() : check_private(request); !reasons.ok()) {
    return docker_instead(request, reasons, caller);
  }
  KTL_TRY(site.status());
  KTL_ASSIGN(UniqueFd clients, use_private_builder(request, *site, caller));
  return looked_at(*site, std::move(clients));
}

}  // namespace

Result<Site> site_for(const BuilderRequest& request) {
  KTL_TRY(check_size(request.settings.keep_storage));
  KTL_TRY(check_size(request.settings.min_free));
  KTL_ASSIGN(Programs programs, find_programs(request.ktl, request.getenv));
  KTL_ASSIGN(Home home, home_for(request.settings, request.root, request.state, request.runtime));
  Site site{std::move(programs), request.settings, std::move(home), {}};
  KTL_ASSIGN(site.settings.network, canonical_network(site.settings.network));
  return site;
}

Result<Builder> resolve_builder(const BuilderRequest& request, const Caller& caller) {
  KTL_ASSIGN(Address address, parse_address(request.address, request.getenv));
  if (address.kind == Address::Kind::kPrivate) {
    return private_builder(request, caller);
  }
  const std::string given = request.address.empty() ? "auto" : request.address;
  return Builder{given, "external", unfenced_note(address.text), false, UniqueFd(), {}};
}

}  // namespace ktl::builder
