// The plugin: ktl.solve/1 and the doctor's lines, over the parts in this folder.
#include <ktl/plugin.hpp>

#include <cstdlib>
#include <memory>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "build.h"
#include "builder/reach.h"
#include "builder/survey.h"
#include "control/missing.h"
#include "host.h"
#include "members.h"
#include "oci/reference.h"
#include "oci/registry_rule.h"
#include "pins.h"
#include "pool.h"
#include "solve_request.h"
#include "solving.h"
#include "transport/dial.h"

namespace ktl::solver {
namespace {

// The verb's boundary: from here on a failure is an exception that the SDK turns into a status.
void raise_if(const Status& status) {
  if (!status.ok()) {
    const std::string place = status.where().empty() ? "" : status.where() + ": ";
    throw Error(static_cast<ktl_status>(status.code()), place + status.message(), status.next());
  }
}

template <class T>
T take(Result<T> result) {
  raise_if(result.status());
  return *std::move(result);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void publish(const Call& call, const Event& event) {
  if (event.type == "message/1") {
    call.log(KTL_WARN, text_of(event.body, "text"));
  } else {
    call.emit(event.type, json::serialize(event.body));
  }
}

}  // namespace

class BuildkitSolver final : public Solver, public Checker {
 public:
  BuildkitSolver(Call& /*call*/, std::string_view /*config*/) {}

  std::string connect(Call& call, std::string_view document) override {
    const json::value wanted = take(parse_json(document));
    if (build_ != nullptr) {
      throw Error(KTL_FAILED_PRECONDITION, "a build is open on this builder");
    }
    const CallHost::Loan loan(door_, call);
    members_ = take(
        join_members(wishes_of(wanted), environment, door_, [&call] { return call.cancelled(); }));
    for (const Member& member : members_) {
      warn(call, member);
    }
    return json::serialize(features_of(members_));
  }

  std::string begin(Call& call, std::string_view document) override {
    if (members_.empty() || build_ != nullptr) {
      throw Error(KTL_FAILED_PRECONDITION,
                  members_.empty() ? "begin before connect" : "another build is open");
    }
    const json::value solve = take(parse_json(document, 64U << 20U));
    const json::value* plan = field_of(solve, "plan");
    if (plan == nullptr) {
      throw Error(KTL_INVALID_ARGUMENT, "the solve has no plan");
    }
    warn_of_rules(call, *plan);
    auto host = std::make_unique<CallHost>();
    const CallHost::Loan loan(*host, call);
    const CallHost::Loan door(door_, call);
    const json::value* kept = field_of(solve, "kept");
    const Wish wish{running_again(*plan, texts_of(solve, "rerun")), bool_of(solve, "staging"),
                    kept == nullptr ? json::value() : *kept};
    auto build = make_build(call, *host, wish);
    raise_if(build->start());
    host_ = std::move(host);
    build_ = std::move(build);
    return json::serialize(json::object{{"build", build_->ref()}});
  }

  std::string next(Call& call, std::string_view document) override {
    Solving& build = opened(document);
    const CallHost::Loan loan(*host_, call);
    const TurnContext context{[&call](const Event& event) { publish(call, event); },
                              call.cancel_fd()};
    return json::serialize(take(build.next(context)));
  }

  std::string resume(Call& call, std::string_view document) override {
    Solving& build = opened(document);
    const CallHost::Loan loan(*host_, call);
    const json::value decision = take(parse_json(document));
    raise_if(build.resume(bool_of(decision, "allow"), std::string(text_of(decision, "reason"))));
    return "{}";
  }

  std::string close(Call& /*call*/, std::string_view document) override {
    opened(document);
    build_.reset();
    host_.reset();
    return "{}";
  }

  std::string check(Call& call, std::string_view document) override {
    const json::value what = take(parse_json(document));
    const std::string address(text_of(what, "builder", "auto"));
    const auto parsed = builder::parse_address(address, environment);
    const bool own = !parsed.ok() || parsed->kind == builder::Address::Kind::kPrivate;
    std::vector<builder::Probe> found;
    if (!own || field_of(what, "members") != nullptr) {
      found = probe(call, what);
    }
    json::array probes;
    for (const builder::Probe& each : found) {
      probes.push_back({{"id", each.id},
                        {"status", each.status},
                        {"evidence", each.evidence},
                        {"fix", each.fix}});
    }
    return json::serialize(json::object{{"probes", std::move(probes)}});
  }

 private:
  // Of solve-1.
  struct Wish {
    json::value plan;
    bool staging = false;
    json::value kept;
  };

  // On one daemon, or on as many as the platforms need.
  std::unique_ptr<Solving> make_build(const Call& call, Host& host, const Wish& wish) {
    const json::value& plan = wish.plan;
    const std::vector<Share> shares = share_out(texts_of(plan, "platforms"), members_);
    if (shares.size() == 1) {
      return make_part(call, host, members_[shares[0].member], wish);
    }
    if (!texts_of(plan, "interactive").empty()) {
      throw Error(KTL_INVALID_ARGUMENT,
                  "-i is for a build on one builder, and this one needs several",
                  "build each platform by itself");
    }
    raise_if(check_poolable(plan));
    std::vector<Pool::Part> parts;
    for (const Share& share : shares) {
      const Member& member = members_[share.member];
      parts.push_back({member.address.text, make_part(call, host, member,
                                                      {one_of_several(plan, share.platforms),
                                                       wish.staging, wish.kept})});
    }
    return std::make_unique<Pool>(plan, std::move(parts), host);
  }

  static std::unique_ptr<Build> make_part(const Call& call, Host& host, const Member& member,
                                          const Wish& wish) {
    const json::value& plan = wish.plan;
    if (wish.staging && !can_stage(member.info)) {
      throw Error(KTL_UNIMPLEMENTED,
                  "the builder " + member.address.text +
                      " cannot hand over what it builds: its BuildKit is older than 0.11 and has "
                      "no OCI exporter with tar=false",
                  "build without -t, --push and --oci there, or use the private builder "
                  "(--builder auto)");
    }
    if (has_pins(plan) && !can_pin(member.info)) {
      throw Error(KTL_UNIMPLEMENTED,
                  "the builder " + member.address.text +
                      " cannot be held to the digests that plugins pin sources to: its BuildKit is "
                      "older than 0.11",
                  "use the private builder (--builder auto)");
    }
    const bool asks = call.host().get(call.raw(), str(KTL_HOST_POLICY_ID)) != nullptr;
    raise_if(check_fence(plan, member, asks));
    raise_if(check_entitlements(plan, member.kind));
    const auto& folders = call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID);
    return take(Build::make(*member.client, host, plan, member.info,
                            {.staging = wish.staging,
                             .asks = asks,
                             .cache = call.path(folders.cache),
                             .kept = wish.kept}));
  }

  // The plan, with no cache for these stages; "*": for all.
  static json::value running_again(json::value plan, const std::vector<std::string>& stages) {
    json::array filter;
    for (const std::string& stage : texts_of(plan, "no_cache_filter")) {
      filter.emplace_back(stage);
    }
    for (const std::string& stage : stages) {
      if (stage == "*") {
        plan.as_object()["no_cache"] = true;
      }
      filter.emplace_back(stage);
    }
    plan.as_object()["no_cache_filter"] = std::move(filter);
    return plan;
  }

  // What cannot be held to is not promised.
  static Status check_fence(const json::value& plan, const Member& member, bool asks) {
    if (!is_fenced(plan)) {
      return {};
    }
    if (!can_fence(member.info)) {
      return Status(Code::kUnimplemented,
                    "the builder " + member.address.text +
                        " cannot fence steps: its BuildKit is older than 0.31 and has no proxy "
                        "network")
          .advise("use the private builder (--builder auto), or a newer BuildKit");
    }
    return asks ? Status()
                : Status(Code::kFailedPrecondition, "this ktl judges no requests of steps");
  }

  // What the doctor says about builders that are not ktl's own.
  [[nodiscard]] std::vector<builder::Probe> probe(const Call& call, const json::value& what) {
    const CallHost::Loan loan(door_, call);
    const auto members =
        join_members(wishes_of(what), environment, door_, [&call] { return call.cancelled(); });
    if (!members.ok()) {
      return {{"builder.connection", "FAIL", members.status().message(), members.status().next()}};
    }
    std::vector<builder::Probe> probes;
    for (const Member& member : *members) {
      const std::string& version = member.info.version;
      probes.push_back(
          {"builder.connection", "PASS",
           member.address.text + " answers" + (version.empty() ? "" : ": BuildKit " + version),
           ""});
      for (const Missing& missing : missing_features(member.info)) {
        probes.push_back({"builder.features", "SKIP", missing.feature + ": " + missing.cost,
                          "use a newer BuildKit, or the private builder"});
      }
    }
    return probes;
  }

  // One line each about what using this builder costs.
  static void warn(Call& call, const Member& member) {
    if (is_exposed(member.address)) {
      call.log(KTL_WARN, member.address.text +
                             " is neither encrypted nor authenticated: who is on the way can read "
                             "and change this build; use TLS (?cacert=...) or ssh://");
    }
    std::string costs;
    for (const Missing& missing : missing_features(member.info)) {
      costs += (costs.empty() ? "" : "; ") + missing.feature + " (" + missing.cost + ")";
    }
    if (!costs.empty()) {
      call.log(KTL_WARN, "the builder " + member.address.text + " lacks " + costs);
    }
  }

  // Rules of the project that this builder was not given, of registries the build takes from.
  void warn_of_rules(const Call& call, const json::value& plan) const {
    const json::value* sources = field_of(plan, "sources");
    if (sources == nullptr) {
      return;
    }
    std::vector<std::string> domains;
    for (const json::value& source : sources->as_array()) {
      const auto name = oci::parse_reference(text_of(source, "ref"));
      if (name.ok() && text_of(source, "kind") != "http" && text_of(source, "kind") != "git") {
        domains.push_back(name->domain);
      }
    }
    for (const Member& member : members_) {
      if (member.kind == "private") {
        continue;
      }
      for (const std::string& line :
           builder::rules_out_of_reach(oci::registry_rules(plan), domains, member.address.text)) {
        call.log(KTL_WARN, line);
      }
    }
  }

  // The build a document names; there is one at a time.
  Solving& opened(std::string_view document) const {
    const json::value named = take(parse_json(document));
    if (build_ == nullptr || text_of(named, "build") != build_->ref()) {
      throw Error(KTL_FAILED_PRECONDITION, "no build of that name is open");
    }
    return *build_;
  }

  CallHost door_;  // to builders; the members ask it
  std::vector<Member> members_;
  // The build goes first: its threads use the other two.
  std::unique_ptr<CallHost> host_;
  std::unique_ptr<Solving> build_;
};

}  // namespace ktl::solver

KTL_PLUGIN(ktl::solver::BuildkitSolver)
