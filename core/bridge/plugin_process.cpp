#include "core/bridge/plugin_process.h"

#include <poll.h>
#include <signal.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "core/plugins/invocation.h"

namespace ktl::bridge {
namespace {

constexpr int kStallSeconds = 30;
constexpr int64_t kEndMs = 5000;
constexpr int kObituaryMs = 2000;

// Only the keeper speaks of the build as a whole.
bool may_say(std::string_view type) {
  for (std::string_view own : {"build.", "stage.", "events.", "receipt/"}) {
    if (type.starts_with(own)) {
      return false;
    }
  }
  return is_event_type(type);
}

}  // namespace

PluginProcess::PluginProcess(ProcessOptions options, Spawned spawned)
    : options_(std::move(options)),
      process_(std::move(spawned.process)),
      output_(std::move(spawned.output), options_.plugin.empty() ? options_.name : options_.plugin),
      log_(std::move(spawned.log)),
      peer_(std::move(spawned.socket), kStallSeconds, *this) {}

Result<std::unique_ptr<PluginProcess>> PluginProcess::start(ProcessOptions options) {
  auto spawned = options.fence ? spawn_wrapped(*options.fence)
                               : spawn_bridge(options.program, options.environment);
  if (!spawned.ok()) {
    return std::move(spawned).status().in("start " + options.name);
  }
  return std::unique_ptr<PluginProcess>(new PluginProcess(std::move(options), *std::move(spawned)));
}

PluginProcess::~PluginProcess() {
  dismiss();
  if (!process_.wait(kEndMs).ok()) {
    kill();
  }
  peer_.end(Status(Code::kUnavailable, options_.name + " has been dismissed"));
  if (reader_.joinable()) {
    reader_.join();
  }
}

Status PluginProcess::greet(const Greeting& greeting) {
  host_ = greeting.host;
  desk_ = std::make_unique<ServiceDesk>(host_);
  reader_ = std::thread([this] { read(); });
  return handshake_.say(greeting, peer_);
}

Result<std::shared_ptr<Pending>> PluginProcess::load(const PluginOrder& order,
                                                     int64_t deadline_ns) {
  const Manifest& manifest = order.manifest;
  json::array interfaces(manifest.interfaces.begin(), manifest.interfaces.end());
  json::object head{{"method", "load"},
                    {"plugin", manifest.id},
                    {"version", manifest.version},
                    {"interfaces", std::move(interfaces)},
                    {"path", order.path},
                    {"sha256", order.sha256},
                    {"deadline", deadline_ns}};
  return peer_.start(head, order.config, {order.fd.get()});
}

Result<std::shared_ptr<Pending>> PluginProcess::begin(const std::string& task,
                                                      const json::value& document) {
  return ask({{"method", "task"}, {"task", task}}, json::serialize(document), task);
}

Result<json::value> PluginProcess::finish(const std::string& task, Pending& begun,
                                          const CallContext& context) {
  bool gave_up = false;
  KTL_ASSIGN(Frame answer, wait_for(begun, {"", task}, context, gave_up));
  auto parsed = parse_json(answer.text(), Frame::kMaxBody);
  return parsed.ok() ? std::move(parsed)
                     : Status(Code::kInternal, options_.name + " answered " + task + " with " +
                                                   parsed.status().message());
}

Result<std::shared_ptr<Pending>> PluginProcess::ask(const json::object& head, std::string_view body,
                                                    const std::string& what) {
  auto pending = peer_.start(head, body);
  if (pending.ok() || pending.status().code() == Code::kResourceExhausted) {
    return pending;
  }
  return Status(Code::kInternal, pending.status().message() + ": " + what + " was not asked");
}

Result<Frame> PluginProcess::call(const json::object& head, std::string_view body, const Name& name,
                                  const CallContext& context, bool& gave_up) {
  KTL_ASSIGN(const auto pending, ask(head, body, name.what));
  return wait_for(*pending, name, context, gave_up);
}

Result<Frame> PluginProcess::wait_for(Pending& pending, const Name& name,
                                      const CallContext& context, bool& gave_up) {
  KTL_TRY(handshake_.check(options_.name, context));
  Pending::Wait why = pending.wait(context.deadline_ns, context.cancel);
  if (why == Pending::Wait::kDone) {
    return judge(pending, name, context, why);
  }
  static_cast<void>(
      peer_.notify({{"method", "stop"}, {"call", static_cast<int64_t>(pending.id())}}));
  const int64_t last = system_clock().monotonic_ns() + context.grace_ns;
  if (pending.wait(last, nullptr) == Pending::Wait::kDone) {
    return judge(pending, name, context, why);
  }
  peer_.abandon(pending);
  gave_up = true;
  return not_stopped(name.plugin, name.what,
                     why == Pending::Wait::kTimeout ? Code::kDeadlineExceeded : Code::kCancelled,
                     context.grace_ns);
}

Result<Frame> PluginProcess::judge(Pending& pending, const Name& name, const CallContext& context,
                                   Pending::Wait why) {
  auto answer = pending.take();
  if (answer.ok()) {
    return answer;
  }
  Status status = std::move(answer).status();
  if (pending.broke_off()) {
    const bool known = name.plugin.empty() || name.plugin == options_.plugin;
    return Status(Code::kInternal, status.message() + " in " + name.what +
                                       (known ? "" : " of plugin " + name.plugin));
  }
  if (status.code() != Code::kCancelled) {
    return status;
  }
  if (why == Pending::Wait::kTimeout) {
    return ran_out_of_time(name.plugin, name.what);
  }
  const bool cancelled = context.cancel != nullptr && context.cancel->cancelled();
  return cancelled ? status
                   : Status(Code::kInternal, status.message() + " (" + name.what +
                                                 " says it was cancelled, and nobody did)");
}

void PluginProcess::dismiss() {
  dismissed_ = true;
  peer_.link().close_sending();
}

void PluginProcess::kill() const { process_.signal(SIGKILL); }

Status PluginProcess::on_call(Frame call) { return desk_->take(std::move(call), peer_); }

Status PluginProcess::on_notice(Frame notice) {
  Fields fields(notice.head);
  const std::string method = fields.text("method", kMaxName);
  std::string type = fields.text("type", kMaxName);
  KTL_TRY(fields.done());
  auto body = parse_json(notice.text(), PluginCall::kMaxEvent);
  if (method != "event" || !may_say(type) || !body.ok() || !body->is_object()) {
    return {Code::kDataLoss, "a broken message: an event that is none of its own: " + type};
  }
  if (!options_.plugin.empty() && type == "message/1") {
    body->get_object()["plugin"] = options_.plugin;  // nobody speaks in another's name
  }
  if (host_->publish) {
    host_->publish(std::move(type), std::move(body->get_object()));
  }
  return {};
}

// Until the conversation and the output have ended.
void PluginProcess::read() {
  bool talking = true;
  while (talking || output_.open() || log_.open()) {
    std::array<pollfd, 3> fds = {{{talking ? peer_.link().fd() : -1, POLLIN, 0},
                                  {output_.fd(), POLLIN, 0},
                                  {log_.fd(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), talking ? -1 : kObituaryMs) <= 0) {
      if (!talking && errno != EINTR) {
        break;  // somebody else holds the pipe
      }
      continue;
    }
    if (fds[1].revents != 0) {
      output_.read(host_->publish);
    }
    if (fds[2].revents != 0) {
      log_.read(host_->publish);
    }
    if (fds[0].revents != 0) {
      Status status = peer_.receive();
      talking = status.ok();
      if (!talking) {
        peer_.end(obituary(status));
      }
    }
  }
  output_.finish(host_->publish);
}

std::string PluginProcess::fence_log() const { return log_.text(); }

// Lies end the process; its death has a cause.
Status PluginProcess::obituary(const Status& why) {
  gone_ = !dismissed_;
  if (why.code() != Code::kUnavailable) {
    kill();
    return {Code::kInternal, options_.name + " broke the rules of the bridge: " + why.message()};
  }
  return {Code::kInternal, options_.name + " " +
                               (dismissed_ ? "has been dismissed"
                                           : end_of_process(process_.pidfd(), kObituaryMs,
                                                            options_.fence.has_value()))};
}

}  // namespace ktl::bridge
