#include "core/bridge/plugin_process.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "core/bridge/spawn.h"
#include "core/plugins/invocation.h"

namespace ktl::bridge {
namespace {

constexpr int kStallSeconds = 30;
constexpr int64_t kHelloNs = 30'000'000'000;
constexpr int64_t kEndMs = 5000;
constexpr int64_t kObituaryMs = 2000;
constexpr size_t kMaxLine = 4096;
constexpr size_t kMaxPrinted = 1U << 20U;

std::string random_hex() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return {};
  }
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

json::array services_of(const Host& host) {
  json::array services;
  if (host.content != nullptr) {
    services.emplace_back("content");
  }
  if (host.auth != nullptr) {
    services.emplace_back("auth");
  }
  if (host.secrets != nullptr) {
    services.emplace_back("secret");
  }
  if (host.redact) {
    services.emplace_back("redact");
  }
  return services;
}

// Only the keeper speaks of the build as a whole.
bool may_say(std::string_view type) {
  for (std::string_view own : {"build.", "stage.", "events.", "receipt/"}) {
    if (type.starts_with(own)) {
      return false;
    }
  }
  return is_event_type(type);
}

// How a process that can be waited for has ended, without reaping it.
std::string end_of(int pidfd) {
  pollfd ready{pidfd, POLLIN, 0};
  siginfo_t info{};
  if (::poll(&ready, 1, kObituaryMs) != 1 ||
      ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT) != 0) {
    return "closed its connection";
  }
  if (info.si_code == CLD_EXITED) {
    return "ended with exit code " + std::to_string(info.si_status);
  }
  const char* name = ::sigabbrev_np(info.si_status);
  return "was killed by signal " + std::to_string(info.si_status) +
         (name == nullptr ? "" : std::string(" (SIG") + name + ")");
}

}  // namespace

PluginProcess::PluginProcess(ProcessOptions options, Child process, UniqueFd socket,
                             UniqueFd output)
    : options_(std::move(options)),
      process_(std::move(process)),
      output_(std::move(output)),
      peer_(std::move(socket), kStallSeconds, *this) {}

Result<std::unique_ptr<PluginProcess>> PluginProcess::start(ProcessOptions options) {
  auto spawned = spawn_bridge(options.program, options.environment);
  if (!spawned.ok()) {
    return std::move(spawned).status().in("start " + options.name);
  }
  return std::unique_ptr<PluginProcess>(
      new PluginProcess(std::move(options), std::move(spawned->process), std::move(spawned->socket),
                        std::move(spawned->output)));
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

Status PluginProcess::greet(Greeting greeting) {
  host_ = std::move(greeting.host);
  desk_ = std::make_unique<ServiceDesk>(host_);
  nonce_ = random_hex();
  const PluginFolders& folders = host_->folders;
  json::object head{{"method", "hello"},
                    {"nonce", nonce_},
                    {"version", host_abi()},
                    {"folders",
                     {{"state", folders.state.native()},
                      {"cache", folders.cache.native()},
                      {"runtime", folders.runtime.native()}}},
                    {"content", host_->content == nullptr ? "" : host_->content->folder()},
                    {"services", services_of(*host_)},
                    {"environment", std::move(greeting.environment)},
                    {"memory", greeting.memory}};
  reader_ = std::thread([this] { read(); });
  KTL_ASSIGN(hello_, peer_.start(head));
  return {};
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

Result<json::value> PluginProcess::run(const std::string& task, const json::value& document,
                                       const CallContext& context) {
  bool gave_up = false;
  KTL_ASSIGN(Frame answer, call({{"method", "task"}, {"task", task}}, json::serialize(document),
                                {"", task}, context, gave_up));
  auto parsed = parse_json(answer.text(), Frame::kMaxBody);
  return parsed.ok() ? std::move(parsed)
                     : Status(Code::kInternal, options_.name + " answered " + task + " with " +
                                                   parsed.status().message());
}

Result<Frame> PluginProcess::call(const json::object& head, std::string_view body, const Name& name,
                                  const CallContext& context, bool& gave_up) {
  auto pending = peer_.start(head, body);
  if (!pending.ok()) {
    Status status = std::move(pending).status();
    return status.code() == Code::kResourceExhausted
               ? status
               : Status(Code::kInternal, status.message() + ": " + name.what + " was not asked");
  }
  return wait_for(**pending, name, context, gave_up);
}

Result<Frame> PluginProcess::wait_for(Pending& pending, const Name& name,
                                      const CallContext& context, bool& gave_up) {
  KTL_TRY(check_hello(context));
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

// The first answer has to show that it comes from whom it was asked of.
Status PluginProcess::check_hello(const CallContext& context) {
  const std::lock_guard lock(hello_mutex_);
  if (hello_ == nullptr) {
    return {};
  }
  const int64_t deadline = std::min(context.deadline_ns, system_clock().monotonic_ns() + kHelloNs);
  if (hello_->wait(deadline, context.cancel) != Pending::Wait::kDone) {
    return context.cancel != nullptr && context.cancel->cancelled()
               ? Status(Code::kCancelled, "interrupted")
               : Status(Code::kInternal, options_.name + " does not answer");
  }
  auto answer = std::exchange(hello_, nullptr)->take();
  if (!answer.ok()) {
    return {Code::kInternal, answer.status().message()};
  }
  return text_of(answer->head, "nonce") == nonce_
             ? Status()
             : Status(Code::kInternal, options_.name + " did not prove who it is");
}

Result<Frame> PluginProcess::judge(Pending& pending, const Name& name, const CallContext& context,
                                   Pending::Wait why) {
  auto answer = pending.take();
  if (answer.ok()) {
    return answer;
  }
  Status status = std::move(answer).status();
  if (pending.broke_off()) {
    return Status(Code::kInternal, status.message() + " in " + name.what +
                                       (name.plugin.empty() ? "" : " of plugin " + name.plugin));
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
  if (host_->publish) {
    host_->publish(std::move(type), std::move(body->get_object()));
  }
  return {};
}

// Until both the conversation and the output have ended.
void PluginProcess::read() {
  bool talking = true;
  while (talking || output_.valid()) {
    std::array<pollfd, 2> fds = {
        {{talking ? peer_.link().fd() : -1, POLLIN, 0}, {output_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), talking ? -1 : static_cast<int>(kObituaryMs)) <= 0) {
      if (!talking && errno != EINTR) {
        break;  // somebody else holds the pipe
      }
      continue;
    }
    if (fds[1].revents != 0) {
      show_output();
    }
    if (fds[0].revents != 0) {
      Status status = peer_.receive();
      talking = status.ok();
      if (!talking) {
        peer_.end(obituary(status));
      }
    }
  }
  if (!line_.empty()) {
    show(line_);
  }
}

// Lies end the process; its death has a cause.
Status PluginProcess::obituary(const Status& why) const {
  if (why.code() != Code::kUnavailable) {
    kill();
    return {Code::kInternal, options_.name + " broke the rules of the bridge: " + why.message()};
  }
  return {Code::kInternal,
          options_.name + " " + (dismissed_ ? "has been dismissed" : end_of(process_.pidfd()))};
}

void PluginProcess::show_output() {
  std::array<char, 4096> bytes{};
  ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
  if (got < 0 && errno == EINTR) {
    return;
  }
  if (got <= 0) {
    output_.reset();
    return;
  }
  for (char byte : std::string_view(bytes.data(), static_cast<size_t>(got))) {
    if (byte != '\n') {
      line_ += byte;
    }
    if (byte == '\n' || line_.size() >= kMaxLine) {
      show(line_);
      line_.clear();
    }
  }
}

// A process that prints without end is still read, so that it does not stand still.
void PluginProcess::show(std::string_view line) {
  const bool room = printed_ < kMaxPrinted;
  printed_ += line.size() + 1;
  if (!host_->publish || !room) {
    return;
  }
  host_->publish("message/1",
                 {{"level", "info"}, {"plugin", options_.name}, {"text", valid_utf8(line)}});
  if (printed_ >= kMaxPrinted) {
    host_->publish("message/1", {{"level", "warn"},
                                 {"plugin", options_.name},
                                 {"text", "printed more than 1 MiB; the rest is not shown"}});
  }
}

}  // namespace ktl::bridge
