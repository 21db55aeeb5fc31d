// `ktl build`: from words to a request, through the stages, to what is said about them.
#include "cli/ground.h"
#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/options/build_options.h"
#include "cli/render/audience.h"
#include "cli/render/sanitize.h"
#include "cli/request/request.h"
#include "core/pipeline/build_id.h"
#include "core/pipeline/crew.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/plan_auth.h"
#include "core/pipeline/run.h"
#include "core/pipeline/worker.h"
#include "core/plugins/services/secrets.h"

namespace ktl::cli {
namespace {

// Everything that is known before the build begins.
struct Order {
  Request request;
  PluginRegistry registry;
  Looks looks;
};

void warn_about_variables(const Invocation& invocation, const FlagSet& flags,
                          const Request& request) {
  std::vector<std::string> used;
  for (const SecretSource& secret : request.secrets) {
    used.push_back(secret.env);
  }
  for (const auto& [name, value] : request.build_args) {
    used.push_back(name);
  }
  for (const std::string& line : unknown_variables(invocation.environment, flags.options(), used)) {
    invocation.console.err("warning: " + one_line(line) + "\n");
  }
}

Result<Order> order_from(const Invocation& invocation, Ground ground, FlagSet& flags) {
  for (const Manifest* manifest : ground.registry.used()) {
    KTL_TRY(flags.contribute(*manifest));
  }
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  Settings project = settings_of(ground.project);
  KTL_ASSIGN(Settings settings, gather(flags, parsed, invocation.environment, project));
  Surroundings surroundings{invocation.environment, invocation.directory};
  KTL_ASSIGN(json::object document, make_request(flags, settings, parsed.words, surroundings));
  KTL_ASSIGN(Request request, request_from_json(document));
  if (ground.project.has_value()) {
    request.project = ground.project->file.string();
  }
  Looks looks = looks_of(invocation.environment, flag_of(settings, "no-color"));
  return Order{std::move(request), std::move(ground.registry), looks};
}

// The context decides how far ktl.yaml is trusted, ktl.yaml which plugins there are, and their
// flags which word is the context. So the context is guessed, and when the guess was wrong, all is
// done again with the one that came out.
Result<Order> take_order(const Invocation& invocation) {
  KTL_ASSIGN(FirstLook look, first_look(invocation));
  std::filesystem::path context;
  if (!look.words.empty()) {
    context = absolute(invocation.directory, look.words.back());
  }
  for (int attempt = 0; attempt < 3; ++attempt) {
    KTL_ASSIGN(Ground ground, find_ground(invocation, look.settings, context));
    FlagSet flags(build_options());
    KTL_ASSIGN(Order order, order_from(invocation, std::move(ground), flags));
    if (order.request.context == context) {
      warn_about_variables(invocation, flags, order.request);
      return order;
    }
    context = order.request.context;
  }
  return Status(Code::kInvalidArgument, "it cannot be told which word is the context")
      .advise("put the context last: ktl build [FLAGS] CONTEXT");
}

// Before anything else happens: whatever is said from now on is said without these values.
Status hide_secrets(const Request& request, const Secrets& secrets, redact::Values& values,
                    Bus& bus) {
  for (const SecretSource& secret : request.secrets) {
    KTL_ASSIGN(SecretBytes value, secrets.value(secret.id));
    KTL_ASSIGN(auto added, values.add(value.view()));
    if (added == redact::Values::Added::kShort) {
      bus.publish("message/1", {{"level", "warn"},
                                {"plugin", ""},
                                {"text", "secret " + valid_utf8(secret.id) +
                                             " is shorter than 8 bytes: if a step prints it, it "
                                             "will be seen"}});
    }
  }
  return {};
}

// The build is over when this returns; `outcome` says how.
Status build(Order& order, std::unique_ptr<bridge::PluginProcess> worker,
             const std::shared_ptr<redact::Values>& values, const CancelToken& cancel,
             Bus& bus, BuildOutcome& outcome) {
  const Request& request = order.request;
  const redact::Register sink = redact::register_in(values);
  auto secrets = std::make_shared<const Secrets>(request.secrets, request.ssh, sink);
  KTL_TRY(hide_secrets(request, *secrets, *values, bus));
  auto publish = [&bus](std::string type, json::object body) {
    bus.publish(type, std::move(body));
  };
  KTL_ASSIGN(auto host, make_host(publish, request.authfile, std::move(secrets), sink));
  auto auth = std::make_shared<PlanAuth>(host->auth, host->publish);
  auto for_worker = std::make_shared<Host>(*host);
  for_worker->auth = auth;
  Crew crew(order.registry);
  KTL_TRY(crew.assemble({.keeper = host, .worker = for_worker}, std::move(worker),
                        {.cancel = &cancel}));
  outcome = run({.request = request,
                 .plugins = crew.plugins(),
                 .bus = bus,
                 .cancel = cancel,
                 .state = host->folders.state,
                 .version = KTL_VERSION,
                 .read_dockerfile =
                     [&crew](const json::value& what, const CallContext& context) {
                       return crew.read_dockerfile(what, context);
                     },
                 .planned = [auth](const Plan& plan) { auth->follow(plan); }});
  crew.dismiss();
  return {};
}

int exit_of(const Status& status, const CancelToken& cancel) {
  if (cancel.cancelled()) {
    return exit_of_signal(cancel.reason());
  }
  bool usage = status.code() == Code::kInvalidArgument || status.code() == Code::kNotFound;
  return usage ? kExitUsage : kExitPlugin;
}

// Null when none was asked for.
Result<std::shared_ptr<LogFile>> log_file_of(const Request& request, Console& console) {
  if (request.logfile.empty()) {
    return std::shared_ptr<LogFile>();
  }
  return LogFile::open(request.logfile, request.context,
                       [&console](const std::string& line) { console.err(line); });
}

// What a build that was done says on stdout.
std::string results_of(const Request& request, const Report& report, const BuildOutcome& outcome) {
  if (outcome.exit != 0) {
    return {};
  }
  return !request.quiet ? report.results() : outcome.root.empty() ? "" : outcome.root + "\n";
}

}  // namespace

int run_build(const Invocation& invocation) {
  Interrupts interrupts(invocation.console);
  // At once: it gets ready while the order is taken.
  auto worker = start_worker();
  Result<Order> order = take_order(invocation);
  if (!order.ok()) {
    return fail(invocation.console, order.status());
  }
  Console& console = invocation.console;
  if (!worker.ok()) {
    return fail(console, worker.status(), kExitPlugin);
  }
  auto log_file = log_file_of(order->request, console);
  if (!log_file.ok()) {
    return fail(console, log_file.status());
  }
  // Never destroyed: plugins that did not stop may still publish until the program ends.
  auto values = std::make_shared<redact::Values>();
  auto& bus = *new Bus(new_build_id(system_clock()), values);
  Audience audience(order->request.progress, order->looks, console, bus, *log_file);
  BuildOutcome outcome;
  Status status = build(*order, *std::move(worker), values, interrupts.token(), bus, outcome);
  audience.finish();
  if (status.ok()) {
    audience.conclude(results_of(order->request, audience.report(), outcome));
  } else {
    audience.fail(bus.redactor().clean(status));
    outcome.exit = exit_of(status, interrupts.token());
  }
  bool gap = *log_file != nullptr && (*log_file)->failed();
  return gap && outcome.exit == 0 ? kExitExport : outcome.exit;
}

}  // namespace ktl::cli
