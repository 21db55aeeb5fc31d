// `ktl build`: from words to requests, through the stages, to what is said about them.
#include <unistd.h>

#include <algorithm>

#include "base/heap.h"
#include "cli/commands/build_jobs.h"
#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/render/answer.h"
#include "cli/render/audience.h"
#include "cli/render/sanitize.h"
#include "cli/request/stdin_input.h"
#include "core/pipeline/build_id.h"
#include "core/pipeline/crew.h"
#include "core/pipeline/event_readers.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/plan_auth.h"
#include "core/pipeline/policy_desk.h"
#include "core/pipeline/run.h"
#include "core/pipeline/sandbox_log.h"
#include "core/pipeline/step_fence.h"
#include "core/pipeline/worker.h"
#include "core/plugins/services/key_agent.h"
#include "core/plugins/services/named_files.h"
#include "core/plugins/services/secrets.h"

namespace ktl::cli {
namespace {

constexpr size_t kHeap = 640U << 10U;  // of a small build

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

// Null when none was asked for.
Result<std::shared_ptr<LogFile>> log_file_of(const Request& request, Console& console) {
  if (request.logfile.empty()) {
    return std::shared_ptr<LogFile>();
  }
  return LogFile::open(request.logfile, request.context,
                       [&console](const std::string& line) { console.err(line); });
}

// "-" names standard input, which only one job can have: with several, `-f -` was refused before.
Result<std::optional<SpoolFolder>> stdin_of(Order& order) {
  KTL_ASSIGN(PluginFolders folders, default_plugin_folders());
  return take_stdin(STDIN_FILENO, folders.cache / "stdin", order.jobs.front().request);
}

// stdout is for results, unless an output took it.
bool takes_stdout(const Request& request) {
  return std::ranges::any_of(request.inputs.outputs,
                             [](const TypedEntry& output) { return output.dest == "-"; });
}

// What a build that was done says on stdout.
std::string results_of(const Request& request, const Report& report, const BuildOutcome& outcome) {
  if (!request.inputs.call.method.empty()) {
    return outcome.exit == kExitDone ? answer_text(request.inputs.call, outcome.metadata) : "";
  }
  if (outcome.exit != kExitDone || takes_stdout(request)) {
    return {};
  }
  return !request.quiet ? report.results() : outcome.root.empty() ? "" : outcome.root + "\n";
}

// Empty when only the builder reads it.
std::filesystem::path dockerfile_of(const Request& request) {
  if (!request.file.empty()) {
    return request.file.starts_with('/') ? std::filesystem::path(request.file)
                                         : std::filesystem::path();
  }
  return request.context_kind == "folder" ? std::filesystem::path(request.context) / "Dockerfile"
                                          : std::filesystem::path();
}

// Null when no policy takes part and no step is fenced.
std::shared_ptr<PolicyDesk> policies_of(const Request& request, const PluginRegistry& registry,
                                        const CancelToken& cancel) {
  const bool any = std::ranges::any_of(registry.used(), [](const Manifest* manifest) {
    return std::ranges::find(manifest->interfaces, KTL_POLICY_ID) != manifest->interfaces.end();
  });
  const bool fenced = asks_for_fence(request);
  return any || fenced ? std::make_shared<PolicyDesk>(cancel, fenced) : nullptr;
}

// Null without -i.
std::shared_ptr<TerminalDesk> terminal_of(const Work& work, Bus& bus) {
  return work.request.inputs.interactive.empty() ? nullptr
                                                 : std::make_shared<TerminalDesk>(bus, work.cancel);
}

// What a question was answered decides the exit code; --check says more on stderr when the
// Dockerfile cannot be built at all.
int tell_answer(const Request& request, const BuildOutcome& outcome, Audience& audience) {
  if (request.inputs.call.method.empty()) {
    return kExitDone;
  }
  if (Status fault = fault_in_answer(request.inputs.call, outcome.metadata); !fault.ok()) {
    audience.fail(fault);
  }
  return answer_exit(request.inputs.call, outcome.metadata);
}

// Other processes end while the record is written, unless somebody there reads the last events.
std::function<void()> last_call(Crew& crew) {
  return crew.plugins().readers.empty() ? std::function<void()>([&crew] { crew.dismiss(); })
                                        : nullptr;
}

}  // namespace

Status with_crew(const Work& work, PluginRegistry& registry, Worker worker, Bus& bus,
                 const std::function<void(const BuildSetup&)>& body) {
  const Request& request = work.request;
  registry.configure(request.options, dockerfile_of(request));
  const redact::Register sink = redact::register_in(work.values);
  KTL_ASSIGN(const PluginFolders folders, default_plugin_folders());
  KTL_ASSIGN(const KeyAgents agents, KeyAgents::start(request.ssh, folders.runtime));
  auto secrets = std::make_shared<const Secrets>(request.secrets, agents.sources(), sink);
  KTL_TRY(hide_secrets(request, *secrets, *work.values, bus));
  auto sandbox = std::make_shared<SandboxLog>(
      folders.state / "records" / bus.build() / "sandbox.log", request.sandbox.logs, bus);
  auto publish = [&bus, sandbox](const std::string& type, json::object event) {
    if (type == "sandbox.log/1") {
      sandbox->note(std::move(event));
    } else {
      bus.publish(type, std::move(event));
    }
  };
  KTL_ASSIGN(auto host, make_host(publish, {request.authfile, request.registries, work.cancel.fd()},
                                  std::move(secrets), sink));
  host->files = std::make_shared<const NamedFiles>(named_by(request, registry.used()));
  auto policies = policies_of(request, registry, work.cancel);
  host->policy = policies;
  auto auth = std::make_shared<PlanAuth>(host->auth, host->publish);
  auto for_worker = std::make_shared<Host>(*host);
  for_worker->auth = auth;
  const auto door = open_door(std::vector<std::string>());
  for_worker->builders = door;
  for_worker->terminal = work.terminal;
  Crew crew(registry);
  KTL_TRY(crew.assemble({.keeper = host, .worker = for_worker}, std::move(worker), request,
                        fence_ground(request, folders), {.cancel = &work.cancel}));
  for (const std::string& sentence : crew.idle()) {
    bus.publish("message/1", {{"level", "warn"}, {"plugin", ""}, {"text", sentence}});
  }
  if (policies != nullptr) {
    policies->appoint(crew.plugins().policies);
  }
  body({.request = request,
        .plugins = crew.plugins(),
        .bus = bus,
        .cancel = work.cancel,
        .state = host->folders.state,
        .version = KTL_VERSION,
        .read_dockerfile =
            [&crew](const json::value& what, const CallContext& context) {
              return crew.read_dockerfile(what, context);
            },
        .cache = host->folders.cache,
        .fence = crew.fence(),
        .getenv = getenv_text,
        .admit_builder = [door](std::string address) { door->admit(std::move(address)); },
        .planned =
            [auth, policies](const Plan& plan) {
              auth->follow(plan);
              if (policies != nullptr) {
                policies->guard(plan);
              }
            },
        .serve =
            [policies](PolicyDesk::Provide provide) {
              if (policies != nullptr) {
                policies->serve(std::move(provide));
              }
            },
        .worked_off = last_call(crew)});
  if (policies != nullptr) {
    policies->appoint({});
    policies->serve({});
  }
  crew.dismiss();
  return {};
}

int exit_without_crew(const Status& status, const CancelToken& cancel) {
  if (cancel.cancelled()) {
    return exit_of_signal(cancel.reason());
  }
  bool usage = status.code() == Code::kInvalidArgument || status.code() == Code::kNotFound;
  return usage ? kExitUsage : kExitPlugin;
}

int run_one(const Work& work, PluginRegistry& registry, Worker worker, Looks looks,
            Console& console, BuildOutcome& outcome) {
  const Request& request = work.request;
  auto log_file = log_file_of(request, console);
  if (!log_file.ok()) {
    return fail(console, log_file.status());
  }
  // Never destroyed: plugins that did not stop may still publish until the program ends.
  auto& bus = *new Bus(new_build_id(system_clock()), work.values);
  Work own = work;
  own.terminal = terminal_of(work, bus);
  Audience audience(request.progress, looks, console, bus, *log_file, own.terminal);
  Status status = with_crew(own, registry, std::move(worker), bus, [&](const BuildSetup& setup) {
    const EventReaders readers(bus, setup.plugins.readers);
    outcome = run(setup);
  });
  if (own.terminal != nullptr) {
    own.terminal->close();
  }
  audience.finish();
  if (status.ok()) {
    audience.conclude(results_of(request, audience.report(), outcome));
  } else {
    audience.fail(bus.redactor().clean(status));
    outcome.exit = exit_without_crew(status, work.cancel);
  }
  outcome.exit = outcome.exit == kExitDone ? tell_answer(request, outcome, audience) : outcome.exit;
  bool gap = *log_file != nullptr && (*log_file)->failed();
  return gap && outcome.exit == kExitDone ? kExitExport : outcome.exit;
}

int run_build(const Invocation& invocation) {
  take_heap(kHeap);
  Interrupts interrupts(invocation.console);
  auto worker = early_worker();
  Result<Order> order = take_order(invocation);
  if (!order.ok()) {
    return fail(invocation.console, order.status());
  }
  if (Status status = check_terminal(order->jobs, order->print, STDIN_FILENO); !status.ok()) {
    return fail(invocation.console, status);
  }
  Console& console = invocation.console;
  for (const std::string& warning : order->warnings) {
    console.err("warning: " + one_line(warning) + "\n");
  }
  if (!worker.ok()) {
    return fail(console, worker.status(), kExitPlugin);
  }
  // Files that stand for standard input, for as long as the build.
  auto input = stdin_of(*order);
  if (!input.ok()) {
    return fail(console, input.status());
  }
  auto work_off = order->print.empty() ? build_jobs : print_jobs;
  return work_off(*order, *std::move(worker), invocation, interrupts.token());
}

}  // namespace ktl::cli
