// The plugin: ktl.solve/1, `ktl builder` and the doctor's lines, over the parts in this folder.
#include <ktl/plugin.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "build.h"
#include "builder/builder.h"
#include "builder/commands.h"
#include "builder/survey.h"
#include "control/client.h"
#include "control/connect.h"
#include "control/disk.h"
#include "control/missing.h"
#include "host.h"
#include "solve_request.h"
#include "transport/dial.h"
#include "transport/named_builders.h"

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

Status explained(Status status, const builder::Address& address) {
  if (status.code() == Code::kInvalidArgument || status.code() == Code::kCancelled) {
    return status;
  }
  const std::string next = status.next();
  return Status(Code::kUnavailable, address.origin + ": no BuildKit answers at " + address.text +
                                        ": " + status.message())
      .advise(next.empty() ? "see `ktl doctor`, or leave --builder out to use the private builder"
                           : next);
}

void publish(const Call& call, const Event& event) {
  if (event.type == "message/1") {
    call.log(KTL_WARN, text_of(event.body, "text"));
  } else {
    call.emit(event.type, json::serialize(event.body));
  }
}

builder::Caller caller_of(const Call& call) {
  return {call.cancel_fd(), [&call](const std::string& line) { call.log(KTL_INFO, line); }};
}

}  // namespace

class BuildkitSolver final : public Solver, public Runner, public Checker {
 public:
  BuildkitSolver(Call& /*call*/, std::string_view config)
      : settings_(builder::settings_of(take(parse_json(config)))) {}

  std::string connect(Call& call, std::string_view document) override {
    const json::value wanted = take(parse_json(document));
    if (build_ != nullptr) {
      throw Error(KTL_FAILED_PRECONDITION, "a build is open on this builder");
    }
    builder::BuilderRequest request =
        builder_request(call, std::string(text_of(wanted, "address", "auto")));
    request.start = bool_of(wanted, "start", true);
    if (const json::value* options = field_of(wanted, "options"); options != nullptr) {
      request.settings.zone = text_of(*options, "trust", request.settings.zone);
    }
    info_ = take(settle(call, request));
    runs_ = info_.platforms;
    warn(call);
    return json::serialize(features());
  }

  std::string begin(Call& call, std::string_view document) override {
    if (client_ == nullptr || build_ != nullptr) {
      throw Error(KTL_FAILED_PRECONDITION,
                  client_ == nullptr ? "begin before connect" : "another build is open");
    }
    const json::value solve = take(parse_json(document, 64U << 20U));
    const json::value* plan = field_of(solve, "plan");
    if (plan == nullptr) {
      throw Error(KTL_INVALID_ARGUMENT, "the solve has no plan");
    }
    if (bool_of(solve, "staging") && !can_stage(info_)) {
      throw Error(KTL_UNIMPLEMENTED,
                  "the builder " + address_.text +
                      " cannot hand over what it builds: its BuildKit is " +
                      "older than 0.11 and has no OCI exporter with tar=false",
                  "build without -t, --push and --oci there, or use the private builder "
                  "(--builder auto)");
    }
    auto host = std::make_unique<CallHost>();
    const CallHost::Loan loan(*host, call);
    raise_if(check_entitlements(*plan, builder_.kind));
    const auto& folders = call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID);
    auto build = take(Build::make(*client_, *host, *plan, runs_, bool_of(solve, "staging"),
                                  call.path(folders.cache)));
    raise_if(build->start());
    host_ = std::move(host);
    build_ = std::move(build);
    return json::serialize(json::object{{"build", build_->ref()}});
  }

  std::string next(Call& call, std::string_view document) override {
    Build& build = opened(document);
    const CallHost::Loan loan(*host_, call);
    const TurnContext context{[&call](const Event& event) { publish(call, event); },
                              call.cancel_fd()};
    return json::serialize(take(build.next(context)));
  }

  std::string resume(Call& call, std::string_view document) override {
    Build& build = opened(document);
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

  std::string run(Call& call, std::string_view document) override {
    const json::value command = take(parse_json(document));
    const std::string out = take(builder::run_builder_command(
        texts_of(command, "args"), builder_request(call, "auto"), open_disk, caller_of(call)));
    return json::serialize(json::object{{"exit", 0}, {"stdout", out}});
  }

  std::string check(Call& call, std::string_view document) override {
    const json::value what = take(parse_json(document));
    const std::string address(text_of(what, "builder", "auto"));
    std::vector<builder::Probe> found = builder::probe_builder(builder_request(call, address));
    const auto parsed = builder::parse_address(address, environment);
    if (parsed.ok() && parsed->kind != builder::Address::Kind::kPrivate) {
      found = probe(*parsed, [&call] { return call.cancelled(); });
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
  // Finds a builder and connects to it. A private one may be killed right after it was found; the
  // next one is as good.
  Result<BuilderInfo> settle(const Call& call, const builder::BuilderRequest& request) {
    Result<BuilderInfo> info = Status();
    for (int attempt = 0; attempt < 3; ++attempt) {
      builder_ = {};  // its lock would keep the next one from starting
      KTL_ASSIGN(builder_, builder::resolve_builder(request, caller_of(call)));
      KTL_ASSIGN(address_, builder::parse_address(builder_.address, environment));
      info = reach(address_, [&call] { return call.cancelled(); });
      if (info.ok() || builder_.kind != "private") {
        break;
      }
    }
    return info;
  }

  [[nodiscard]] builder::BuilderRequest builder_request(const Call& call,
                                                        std::string address) const {
    const auto& folders = call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID);
    builder::BuilderRequest request;
    request.address = std::move(address);
    request.settings = settings_;
    request.ktl = std::filesystem::read_symlink("/proc/self/exe");
    request.state = call.path(folders.state);
    request.runtime = call.path(folders.runtime);
    request.root = ::geteuid() == 0;
    request.getenv = environment;
    return request;
  }

  // Connects and asks who is there.
  Result<BuilderInfo> reach(const builder::Address& address, const Cancelled& cancelled) {
    KTL_ASSIGN(const builder::Address followed, follow_names(address, environment));
    auto client = solver::connect(followed, cancelled);
    Result<BuilderInfo> info = client.ok() ? (*client)->info() : client.status();
    if (!info.ok()) {
      return explained(std::move(info).status(), address);
    }
    client_ = *std::move(client);
    return info;
  }

  // What the doctor says about a builder that is not ktl's own.
  std::vector<builder::Probe> probe(const builder::Address& address, const Cancelled& cancelled) {
    const Result<BuilderInfo> info = reach(address, cancelled);
    client_.reset();
    if (!info.ok()) {
      return {{"builder.connection", "FAIL", info.status().message(), info.status().next()}};
    }
    std::vector<builder::Probe> probes{
        {"builder.connection", "PASS",
         address.text + " answers" + (info->version.empty() ? "" : ": BuildKit " + info->version),
         ""}};
    for (const Missing& missing : missing_features(*info)) {
      probes.push_back({"builder.features", "SKIP", missing.feature + ": " + missing.cost,
                        "use a newer BuildKit, or the private builder"});
    }
    return probes;
  }

  // One line each about what using this builder costs.
  void warn(Call& call) const {
    if (is_exposed(address_)) {
      call.log(KTL_WARN, address_.text +
                             " is neither encrypted nor authenticated: who is on the way can read "
                             "and change this build; use TLS (?cacert=...) or ssh://");
    }
    std::string costs;
    for (const Missing& missing : missing_features(info_)) {
      costs += (costs.empty() ? "" : "; ") + missing.feature + " (" + missing.cost + ")";
    }
    if (!costs.empty()) {
      call.log(KTL_WARN, "the builder " + address_.text + " lacks " + costs);
    }
  }

  [[nodiscard]] json::object features() const {
    json::array missing;
    for (const Missing& each : missing_features(info_)) {
      missing.push_back({{"feature", each.feature}, {"cost", each.cost}});
    }
    return {{"schema", "ktl.features/1"},
            {"address", address_.text},
            {"kind", builder_.kind},
            {"version", info_.version},
            {"platforms", json::array(info_.platforms.begin(), info_.platforms.end())},
            {"missing", std::move(missing)},
            {"steps_fenced", builder_.steps_fenced},
            {"note", builder_.note}};
  }

  // The build a document names; there is one at a time.
  Build& opened(std::string_view document) const {
    const json::value named = take(parse_json(document));
    if (build_ == nullptr || text_of(named, "build") != build_->ref()) {
      throw Error(KTL_FAILED_PRECONDITION, "no build of that name is open");
    }
    return *build_;
  }

  const builder::Settings settings_;
  builder::Builder builder_;
  builder::Address address_;  // as it was given, or the private builder's
  BuilderInfo info_;
  std::unique_ptr<ControlClient> client_;
  std::vector<std::string> runs_;  // platforms the builder can execute
  // The build goes first: its threads use the other two.
  std::unique_ptr<CallHost> host_;
  std::unique_ptr<Build> build_;
};

}  // namespace ktl::solver

KTL_PLUGIN(ktl::solver::BuildkitSolver)
