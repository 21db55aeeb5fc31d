#include "core/plugins/plugin.h"

#include <string.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "core/document/schemas.h"
#include "core/plugins/checking.h"
#include "core/plugins/entry.h"
#include "core/plugins/services/secrets.h"

namespace ktl {
namespace {

constexpr size_t kMaxInterfaces = 64;
constexpr int64_t kDestroyTime = 5'000'000'000;
// So many calls outlive their verbs: a plugin that uses one late is not heard, and hurts nobody.
constexpr size_t kEndedKept = 8;

const ktl_interface* find_interface(const ktl_plugin_draft& entry, std::string_view id) {
  for (size_t i = 0; i < kMaxInterfaces && entry.interfaces[i].id != nullptr; ++i) {
    if (id == entry.interfaces[i].id) {
      return &entry.interfaces[i];
    }
  }
  return nullptr;
}

// In checking mode: whether `document` is what its side owes the other.
void judge(const PluginCall& call, Side side, std::string_view rule, std::string_view schema,
           const json::value& document) {
  Status status = schema.empty() ? Status() : check_document(schema, document);
  if (!status.ok()) {
    call.report(side, rule,
                (side == Side::kHost ? "sent a document that is none: "
                                     : "wrote a document that is none: ") +
                    status.message());
  }
}

}  // namespace

Status check_entry(const PluginCode& code) {
  const auto& entry = *code.entry;
  const std::string name = "plugin " + code.manifest.id;
  if (entry.headers_sha256 == nullptr || code.manifest.abi != entry.headers_sha256) {
    return {Code::kFailedPrecondition, name + " has another abi in its manifest than in its code"};
  }
  if (entry.create == nullptr || entry.destroy == nullptr || entry.interfaces == nullptr) {
    return {Code::kFailedPrecondition, name + " has an incomplete " KTL_PLUGIN_ENTRY};
  }
  for (const auto& id : code.manifest.interfaces) {
    const auto* found = find_interface(entry, id);
    if (found == nullptr || found->table == nullptr) {
      return {Code::kFailedPrecondition,
              name + " promises " + id + " in its manifest, and its code does not provide it"};
    }
  }
  return {};
}

Result<std::string> complete_config(const Manifest& manifest, const json::value& config,
                                    const Locator& locate) {
  KTL_ASSIGN(Schema schema, Schema::compile_judged(manifest.config));
  KTL_TRY(schema.validate(config, "configuration of " + manifest.id, locate));
  return json::serialize(schema.with_defaults(config));
}

Plugin::Plugin(PluginCode code, std::shared_ptr<const Host> host)
    : code_(std::move(code)), host_(std::move(host)) {}

Plugin::~Plugin() {
  CallContext context;
  context.deadline_ns = system_clock().monotonic_ns() + kDestroyTime;
  context.grace_ns = 0;
  if (creating_ != nullptr) {
    [[maybe_unused]] const Status ended = end_create(context);
  }
  begin_destroy();
  if (destroying_ == nullptr) {
    return;
  }
  const Status done = Invocation::end(destroying_, worker_, context, gave_up_);
  if (!done.ok() && host_->publish) {
    host_->publish("message/1", {{"level", "warn"}, {"plugin", id()}, {"text", done.message()}});
  }
}

void Plugin::begin_destroy() {
  if (instance_ == nullptr || gave_up_ || destroying_ != nullptr) {
    return;
  }
  auto body = [destroy = code_.entry->destroy, instance = instance_.load()](ktl_call*) {
    destroy(instance);
    return static_cast<ktl_status>(KTL_OK);
  };
  const int64_t deadline_ns = system_clock().monotonic_ns() + kDestroyTime;
  auto invocation = Invocation::make(id(), "destroy", host_, deadline_ns, watched(std::move(body)));
  if (Invocation::begin(invocation, worker_).ok()) {
    destroying_ = std::move(invocation);
  }
}

bool Plugin::provides(std::string_view interface_id) const {
  return std::ranges::find(manifest().interfaces, interface_id) != manifest().interfaces.end();
}

Status Plugin::create(const json::value& config, const CallContext& context,
                      const Locator& locate) {
  KTL_TRY(begin_create(config, context.deadline_ns, locate));
  return end_create(context);
}

Status Plugin::begin_create(const json::value& config, int64_t deadline_ns, const Locator& locate) {
  KTL_ASSIGN(std::string completed, complete_config(manifest(), config, locate));
  auto text = std::make_shared<const std::string>(std::move(completed));
  std::lock_guard lock(serial_);
  if (instance_ != nullptr || creating_ != nullptr || gave_up_) {
    return {Code::kFailedPrecondition, "plugin " + id() + " was created before"};
  }
  made_ = std::make_shared<ktl_instance*>(nullptr);
  auto body = [create = code_.entry->create, text, made = made_](ktl_call* call) {
    return create(&plugin_host_table(), call, {text->data(), text->size()}, made.get());
  };
  auto invocation = Invocation::make(id(), "create", host_, deadline_ns, watched(std::move(body)));
  KTL_TRY(Invocation::begin(invocation, worker_));
  creating_ = std::move(invocation);
  return {};
}

Status Plugin::end_create(const CallContext& context) {
  std::lock_guard lock(serial_);
  const auto invocation = std::exchange(creating_, nullptr);
  const auto made = std::exchange(made_, nullptr);
  Status done = Invocation::end(invocation, worker_, context, gave_up_);
  keep(invocation);
  KTL_TRY(std::move(done));
  if (*made == nullptr) {
    invocation->call().offend(rules::kNoInstance, "made no instance");
    return invocation->call().outcome(KTL_OK);
  }
  instance_ = *made;
  return {};
}

ktl_verb verb_of(const ktl_plugin_draft& entry, const Verb& verb) {
  const auto* interface = find_interface(entry, verb.interface_id);
  ktl_verb function = nullptr;
  if (interface != nullptr && interface->table != nullptr) {
    std::memcpy(static_cast<void*>(&function),
                static_cast<const char*>(interface->table) + verb.offset, sizeof function);
  }
  return function;
}

Result<ktl_verb> Plugin::find_verb(const Verb& verb) const {
  ktl_verb function = verb_of(*code_.entry, verb);
  if (function == nullptr) {
    return Status(Code::kUnimplemented,
                  "plugin " + id() + " does not provide " + verb.interface_id + " " + verb.name);
  }
  return function;
}

Result<Plugin::Body> Plugin::body_of(const Verb& verb, const json::value& document) const {
  KTL_ASSIGN(ktl_verb function, find_verb(verb));
  if (instance_ == nullptr) {
    if (host_->checking != nullptr) {
      host_->checking->report({Side::kHost, std::string(rules::kLifetime), verb.name,
                               "called a verb of a plugin that has no instance"});
    }
    return Status(Code::kFailedPrecondition, "plugin " + id() + " has not been created");
  }
  auto text = std::make_shared<const std::string>(json::serialize(document));
  return Body([function, text, instance = instance_.load()](ktl_call* call) {
    return function(instance, call, {text->data(), text->size()});
  });
}

Result<std::shared_ptr<Invocation>> Plugin::call_verb(const Verb& verb, const json::value& document,
                                                      const CallContext& context) {
  std::lock_guard lock(serial_);
  KTL_ASSIGN(Body body, body_of(verb, document));
  std::string what = std::string(verb.interface_id) + " " + verb.name;
  KTL_ASSIGN(auto invocation, call(what, context, std::move(body), verb.bytes));
  if (host_->checking != nullptr) {
    judge(invocation->call(), Side::kHost, rules::kBadInput, verb.in, document);
  }
  return invocation;
}

Result<json::value> Plugin::invoke(const Verb& verb, const json::value& document,
                                   const CallContext& context) {
  KTL_ASSIGN(auto invocation, call_verb(verb, document, context));
  PluginCall& made = invocation->call();
  std::string result = made.take_result();
  auto parsed = result.empty() ? json::value(nullptr) : parse_json(result, PluginCall::kMaxResult);
  if (!parsed.ok()) {
    made.offend(rules::kBadJson, "wrote a result that is no JSON: " + parsed.status().message());
    return made.outcome(KTL_OK);
  }
  if (host_->checking != nullptr) {
    judge(made, Side::kPlugin, rules::kBadDocument, verb.out, *parsed);
  }
  return parsed;
}

Result<SecretBytes> Plugin::invoke_bytes(const Verb& verb, const json::value& document,
                                         const CallContext& context) {
  KTL_ASSIGN(auto invocation, call_verb(verb, document, context));
  std::string bytes = invocation->call().take_result();
  SecretBytes value({bytes.begin(), bytes.end()});
  explicit_bzero(bytes.data(), bytes.capacity());
  return value;
}

Result<std::shared_ptr<Invocation>> Plugin::start_create(std::string config, int64_t deadline_ns,
                                                         Invocation::Done done) {
  auto body = [this, config = std::move(config)](ktl_call* call) {
    ktl_instance* made = nullptr;
    ktl_status returned =
        code_.entry->create(&plugin_host_table(), call, {config.data(), config.size()}, &made);
    if (returned == KTL_OK && made == nullptr) {
      PluginCall::of(call).offend(rules::kNoInstance, "made no instance");
    }
    instance_ = made;
    return returned;
  };
  auto invocation = Invocation::make(id(), "create", host_, deadline_ns, watched(std::move(body)));
  keep(invocation);
  Invocation::post(invocation, worker_, std::move(done));
  return invocation;
}

// The instance is looked for when its turn comes: calls may be started before create is through.
Result<std::shared_ptr<Invocation>> Plugin::start(const Verb& verb, std::string document,
                                                  int64_t deadline_ns, Invocation::Done done) {
  KTL_ASSIGN(ktl_verb function, find_verb(verb));
  auto body = [this, function, document = std::move(document)](ktl_call* call) {
    ktl_instance* instance = instance_;
    if (instance == nullptr) {
      return PluginCall::of(call).fail(KTL_FAILED_PRECONDITION, "it has not been created", {});
    }
    return function(instance, call, {document.data(), document.size()});
  };
  auto invocation = Invocation::make(id(), std::string(verb.interface_id) + " " + verb.name, host_,
                                     deadline_ns, watched(std::move(body)));
  keep(invocation);
  Invocation::post(invocation, worker_, std::move(done));
  return invocation;
}

Result<std::shared_ptr<Invocation>> Plugin::call(const std::string& what,
                                                 const CallContext& context, Body body,
                                                 bool bytes) {
  if (gave_up_) {
    return Status(Code::kFailedPrecondition,
                  "plugin " + id() + " did not return from an earlier call");
  }
  auto invocation =
      Invocation::make(id(), what, host_, context.deadline_ns, watched(std::move(body)));
  if (bytes) {
    invocation->call().reserve_bytes(Secrets::kMaxValue);
  }
  Status done = Invocation::run(invocation, worker_, context, gave_up_);
  keep(invocation);
  KTL_TRY(std::move(done));
  return invocation;
}

// In checking mode: what [serial] promises the plugin is seen at the plugin's door, whatever the
// rest of this class does to keep it.
Plugin::Body Plugin::watched(Body body) const {
  if (host_->checking == nullptr) {
    return body;
  }
  return [body = std::move(body), door = door_](ktl_call* call) {
    auto& self = PluginCall::of(call);
    if (door->inside.fetch_add(1) != 0) {
      self.report(Side::kHost, rules::kSerial, "made two calls at once");
    }
    std::thread::id nobody;
    auto here = std::this_thread::get_id();
    if (!door->thread.compare_exchange_strong(nobody, here) && nobody != here) {
      self.report(Side::kHost, rules::kThread, "called on another thread than before");
    }
    ktl_status code = body(call);
    door->inside.fetch_sub(1);
    return code;
  };
}

void Plugin::keep(std::shared_ptr<Invocation> invocation) {
  std::lock_guard lock(ended_mutex_);
  ended_.push_back(std::move(invocation));
  if (ended_.size() > kEndedKept && host_->checking == nullptr) {
    ended_.pop_front();
  }
}

}  // namespace ktl
