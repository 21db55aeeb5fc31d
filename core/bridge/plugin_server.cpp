#include "core/bridge/plugin_server.h"

#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <cstdlib>

#include "core/bridge/remote_services.h"
#include "core/plugins/load.h"

namespace ktl::bridge {
namespace {

constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxInterfaces = 64;

Status refuse(const std::string& what) { return {Code::kDataLoss, "a broken message: " + what}; }

// The sanitizers map far more than they use, which would count.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Less memory from now on than the user may have; more would be refused by the kernel.
Status limit_memory(int64_t bytes) {
  rlimit limit{};
  if (bytes <= 0 || ::getrlimit(RLIMIT_DATA, &limit) != 0) {
    return bytes == 0 ? Status() : refuse("a limit of memory");
  }
  if (kSanitized) {
    return {};
  }
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(bytes));
  limit.rlim_max = limit.rlim_cur;
  return ::setrlimit(RLIMIT_DATA, &limit) == 0 ? Status() : errno_status("setrlimit", errno);
}

Status set_environment(const json::object& variables) {
  for (const auto& variable : variables) {
    const json::string* value = variable.value().if_string();
    const std::string name(variable.key());
    if (value == nullptr || name.empty() || name.find('=') != std::string::npos) {
      return refuse("a variable of the environment");
    }
    ::setenv(name.c_str(), value->c_str(), 1);
  }
  return {};
}

std::shared_ptr<Host> host_for(Peer& peer, const json::object& folders, const std::string& content,
                               const std::vector<std::string>& services) {
  auto host = std::make_shared<Host>();
  host->folders.state = std::string(text_of(folders, "state"));
  host->folders.cache = std::string(text_of(folders, "cache"));
  host->folders.runtime = std::string(text_of(folders, "runtime"));
  host->publish = [&peer](const std::string& type, const json::object& body) {
    static_cast<void>(peer.tell({{"method", "event"}, {"type", type}}, json::serialize(body)));
  };
  for (const auto& service : services) {
    if (service == "content") {
      host->content = std::make_shared<const RemoteContent>(peer, content);
    } else if (service == "auth") {
      host->auth = std::make_shared<const RemoteAuth>(peer);
    } else if (service == "secret") {
      host->secrets = std::make_shared<const RemoteSecrets>(peer);
    } else if (service == "files") {
      host->files = std::make_shared<const RemoteFiles>(peer);
    } else if (service == "policy") {
      host->policy = std::make_shared<const RemotePolicy>(peer);
    } else if (service == "builder") {
      host->builders = std::make_shared<const RemoteBuilders>(peer);
    } else if (service == "terminal") {
      host->terminal = std::make_shared<RemoteTerminal>(peer);
    } else if (service == "redact") {
      host->redact = [&peer](std::string_view value) { return ask_to_redact(peer, value); };
    }
  }
  return host;
}

}  // namespace

PluginServer::PluginServer(UniqueFd socket, Tasks tasks)
    : peer_(std::move(socket), 0, *this), tasks_(std::move(tasks)) {}

PluginServer::~PluginServer() = default;

Status PluginServer::serve() {
  Status status;
  while (status.ok()) {
    std::array<pollfd, 2> ready{{{peer_.link().fd(), POLLIN, 0}, {peer_.link().due(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (ready[1].revents != 0) {
      status = peer_.link().flush();
    }
    if (status.ok() && ready[0].revents != 0) {
      status = peer_.receive();
    }
  }
  static_cast<void>(peer_.link().flush());
  peer_.end(status);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, running] : running_) {
      if (auto invocation = running.lock()) {
        invocation->call().stop().cancel();
      }
    }
  }
  plugins_.clear();
  return status;
}

struct PluginServer::Method {
  std::string_view name;
  Status (PluginServer::*answer)(Frame);
};

Status PluginServer::on_call(Frame call) {
  static constexpr std::array<Method, 4> kMethods = {{{"hello", &PluginServer::hello},
                                                      {"load", &PluginServer::load},
                                                      {"invoke", &PluginServer::invoke},
                                                      {"task", &PluginServer::task}}};
  const std::string_view name = text_of(call.head, "method");
  for (const Method& method : kMethods) {
    if (method.name == name) {
      const bool first = method.answer == &PluginServer::hello;
      return first == (host_ == nullptr) ? (this->*method.answer)(std::move(call))
                                         : refuse("a conversation begins with one hello");
    }
  }
  return refuse("an unknown call");
}

// The only notice there is: {"method": "stop", "call": id}. The call may have ended meanwhile.
Status PluginServer::on_notice(Frame notice) {
  Fields fields(notice.head);
  const std::string method = fields.text("method", kMaxName);
  const int64_t id = fields.number("call");
  KTL_TRY(fields.done());
  if (method != "stop") {
    return refuse("an unknown notice");
  }
  const std::lock_guard lock(mutex_);
  auto found = running_.find(static_cast<uint64_t>(id));
  if (auto invocation = found == running_.end() ? nullptr : found->second.lock()) {
    invocation->call().stop().cancel();
  }
  return {};
}

Status PluginServer::hello(Frame call) {
  Fields fields(call.head);
  static_cast<void>(fields.text("method", kMaxName));
  const std::string nonce = fields.text("nonce", kMaxName);
  const std::string version = fields.text("version", kMaxName);
  const json::object folders = fields.object("folders");
  const std::string content = fields.text("content", kMaxPath);
  const auto services = fields.texts("services", kMaxInterfaces);
  const json::object environment = fields.object("environment");
  const int64_t memory = fields.number("memory");
  KTL_TRY(fields.done());
  if (version != host_abi()) {
    return refuse("it comes from another ktl than this one");
  }
  KTL_TRY(set_environment(environment));
  KTL_TRY(limit_memory(memory));
  host_ = host_for(peer_, folders, content, services);
  return peer_.answer(call.id, {{"code", 0}, {"nonce", nonce}});
}

Status PluginServer::load(Frame call) {
  Status loaded = load_and_create(call);
  return loaded.ok() || loaded.code() == Code::kDataLoss ? loaded
                                                         : peer_.answer(call.id, head_of(loaded));
}

// kDataLoss: the message is broken. The answer comes when the plugin has been created.
Status PluginServer::load_and_create(Frame& call) {
  Fields fields(call.head);
  static_cast<void>(fields.text("method", kMaxName));
  PluginFile file;
  file.manifest.id = fields.text("plugin", kMaxName);
  file.manifest.version = fields.text("version", kMaxName);
  file.manifest.interfaces = fields.texts("interfaces", kMaxInterfaces);
  file.manifest.abi = host_abi();
  file.path = fields.text("path", kMaxPath);
  file.sha256 = fields.text("sha256", kMaxName);
  const int64_t deadline = fields.number("deadline");
  KTL_TRY(fields.done());
  const std::string id = file.manifest.id;
  if (call.fds.size() != 1 || plugins_.contains(id)) {
    return refuse("a plugin that is there already, or without a file");
  }
  file.fd = std::move(call.fds.front());
  KTL_ASSIGN(PluginCode code, load_plugin(std::move(file)));
  auto plugin = std::make_unique<Plugin>(std::move(code), host_);
  KTL_ASSIGN(auto invocation,
             plugin->start_create(std::string(call.text()), deadline, replier(call.id)));
  remember(call.id, invocation);
  plugins_.emplace(id, std::move(plugin));
  return {};
}

Status PluginServer::invoke(Frame call) {
  Fields fields(call.head);
  static_cast<void>(fields.text("method", kMaxName));
  auto plugin = plugins_.find(fields.text("plugin", kMaxName));
  const std::string interface = fields.text("interface", kMaxName);
  const Verb* verb = verbs::find(interface, fields.text("verb", kMaxName));
  const int64_t deadline = fields.number("deadline");
  KTL_TRY(fields.done());
  if (plugin == plugins_.end() || verb == nullptr) {
    return refuse("a call of a plugin or a verb that is not there");
  }
  auto invocation =
      plugin->second->start(*verb, std::string(call.text()), deadline, replier(call.id));
  if (!invocation.ok()) {
    return peer_.answer(call.id, head_of(invocation.status()));
  }
  remember(call.id, *invocation);
  return {};
}

Status PluginServer::task(Frame call) {
  Fields fields(call.head);
  static_cast<void>(fields.text("method", kMaxName));
  auto task = tasks_.find(fields.text("task", kMaxName));
  KTL_TRY(fields.done());
  KTL_ASSIGN(json::value document, parse_json(call.text(), Frame::kMaxBody));
  if (task == tasks_.end()) {
    return refuse("a task that is unknown");
  }
  worker_.post([this, id = call.id, run = task->second, document = std::move(document)] {
    auto result = run(document);
    reply(id,
          result.ok() ? Result<std::string>(json::serialize(*result)) : std::move(result).status());
  });
  return {};
}

// A process that has not got its answer through has nobody left to tell.
void PluginServer::reply(uint64_t id, const Result<std::string>& result) {
  static_cast<void>(
      peer_.answer(id, head_of(result.status()), result.ok() ? *result : std::string_view()));
}

Invocation::Done PluginServer::replier(uint64_t id) {
  return [this, id](const Result<std::string>& result) {
    {
      const std::lock_guard lock(mutex_);
      running_.erase(id);
    }
    reply(id, result);
  };
}

// The call may be over before it is remembered; a weak pointer then leads nowhere.
void PluginServer::remember(uint64_t id, const std::shared_ptr<Invocation>& invocation) {
  const std::lock_guard lock(mutex_);
  std::erase_if(running_, [](const auto& entry) { return entry.second.expired(); });
  running_.emplace(id, invocation);
}

}  // namespace ktl::bridge
