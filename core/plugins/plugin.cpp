#include "core/plugins/plugin.h"

#include <algorithm>
#include <cstring>

#include "base/clock.h"

namespace ktl {
namespace {

constexpr size_t kMaxInterfaces = 64;
constexpr int64_t kDestroyTime = 5'000'000'000;

const ktl_interface* find_interface(const ktl_plugin_draft& entry, std::string_view id) {
  for (size_t i = 0; i < kMaxInterfaces && entry.interfaces[i].id != nullptr; ++i) {
    if (id == entry.interfaces[i].id) {
      return &entry.interfaces[i];
    }
  }
  return nullptr;
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
  KTL_ASSIGN(Schema schema, Schema::compile(manifest.config));
  KTL_TRY(schema.validate(config, "configuration of " + manifest.id, locate));
  return json::serialize(schema.with_defaults(config));
}

Plugin::Plugin(PluginCode code, std::shared_ptr<const Host> host)
    : code_(std::move(code)), host_(std::move(host)) {}

Plugin::~Plugin() {
  if (instance_ == nullptr || gave_up_) {
    return;
  }
  std::string ignored;
  CallContext context;
  context.deadline_ns = system_clock().monotonic_ns() + kDestroyTime;
  context.grace_ns = 0;
  Status done = call(
      "destroy", context,
      [destroy = code_.entry->destroy, instance = instance_.load()](ktl_call*) {
        destroy(instance);
        return static_cast<ktl_status>(KTL_OK);
      },
      ignored);
  if (!done.ok() && host_->publish) {
    host_->publish("message/1", {{"level", "warn"}, {"plugin", id()}, {"text", done.message()}});
  }
}

bool Plugin::provides(std::string_view interface_id) const {
  return std::ranges::find(manifest().interfaces, interface_id) != manifest().interfaces.end();
}

Status Plugin::create(const json::value& config, const CallContext& context,
                      const Locator& locate) {
  KTL_ASSIGN(std::string completed, complete_config(manifest(), config, locate));
  auto text = std::make_shared<const std::string>(std::move(completed));
  std::lock_guard lock(serial_);
  if (instance_ != nullptr || gave_up_) {
    return {Code::kFailedPrecondition, "plugin " + id() + " was created before"};
  }
  // Shared with the worker, which may come back after nobody waits any more.
  auto made = std::make_shared<ktl_instance*>(nullptr);
  std::string ignored;
  KTL_TRY(call(
      "create", context,
      [create = code_.entry->create, text, made](ktl_call* call) {
        return create(&plugin_host_table(), call, {text->data(), text->size()}, made.get());
      },
      ignored));
  if (*made == nullptr) {
    return {Code::kInternal,
            "plugin " + id() + " broke the plugin contract in create: it made no instance"};
  }
  instance_ = *made;
  return {};
}

Result<ktl_verb> Plugin::find_verb(const Verb& verb) const {
  const auto* interface = find_interface(*code_.entry, verb.interface_id);
  ktl_verb function = nullptr;
  if (interface != nullptr && interface->table != nullptr) {
    std::memcpy(&function, static_cast<const char*>(interface->table) + verb.offset,
                sizeof function);
  }
  if (function == nullptr) {
    return Status(Code::kUnimplemented,
                  "plugin " + id() + " does not provide " + verb.interface_id + " " + verb.name);
  }
  return function;
}

Result<json::value> Plugin::invoke(const Verb& verb, const json::value& document,
                                   const CallContext& context) {
  KTL_ASSIGN(ktl_verb function, find_verb(verb));
  std::string what = std::string(verb.interface_id) + " " + verb.name;
  auto text = std::make_shared<const std::string>(json::serialize(document));
  std::string result;
  {
    std::lock_guard lock(serial_);
    if (instance_ == nullptr) {
      return Status(Code::kFailedPrecondition, "plugin " + id() + " has not been created");
    }
    KTL_TRY(call(
        what, context,
        [function, text, instance = instance_.load()](ktl_call* call) {
          return function(instance, call, {text->data(), text->size()});
        },
        result));
  }
  if (result.empty()) {
    return json::value(nullptr);
  }
  auto parsed = parse_json(result, PluginCall::kMaxResult);
  if (!parsed.ok()) {
    return Status(Code::kInternal, "plugin " + id() + " broke the plugin contract in " + what +
                                       ": its result is " + parsed.status().message());
  }
  return parsed;
}

Result<std::shared_ptr<Invocation>> Plugin::start_create(std::string config, int64_t deadline_ns,
                                                         Invocation::Done done) {
  auto body = [this, config = std::move(config)](ktl_call* call) {
    ktl_instance* made = nullptr;
    ktl_status returned =
        code_.entry->create(&plugin_host_table(), call, {config.data(), config.size()}, &made);
    if (returned == KTL_OK && made == nullptr) {
      PluginCall::of(call).offend("made no instance");
    }
    instance_ = made;
    return returned;
  };
  KTL_ASSIGN(auto invocation,
             Invocation::make(id(), "create", host_, deadline_ns, std::move(body)));
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
  KTL_ASSIGN(auto invocation,
             Invocation::make(id(), std::string(verb.interface_id) + " " + verb.name, host_,
                              deadline_ns, std::move(body)));
  Invocation::post(invocation, worker_, std::move(done));
  return invocation;
}

Status Plugin::call(const std::string& what, const CallContext& context,
                    std::function<ktl_status(ktl_call*)> body, std::string& result) {
  if (gave_up_) {
    return {Code::kFailedPrecondition, "plugin " + id() + " did not return from an earlier call"};
  }
  KTL_ASSIGN(auto invocation,
             Invocation::make(id(), what, host_, context.deadline_ns, std::move(body)));
  KTL_TRY(Invocation::run(invocation, worker_, context, gave_up_));
  result = invocation->call().result();
  return {};
}

}  // namespace ktl
