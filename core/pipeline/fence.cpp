#include "core/pipeline/fence.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/base64.h"
#include "core/document/fields.h"
#include "core/document/schemas.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

// A plugin that makes fences: before there is a crew there is only itself.
class Fencer final : public StagePlugin {
 public:
  explicit Fencer(Plugin& plugin)
      : plugin_(plugin), identity_{plugin.id(), plugin.manifest().version, plugin.sha256()} {}

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_.invoke(verb, document, context);
  }

 private:
  Plugin& plugin_;
  const PluginIdentity identity_;
};

// Where the dynamic linker and OpenSSL look; what a machine does not have is left out.
constexpr std::array<const char*, 9> kMachine = {"/lib",
                                                 "/lib64",
                                                 "/usr/lib",
                                                 "/usr/lib64",
                                                 "/usr/local/lib",
                                                 "/etc/ld.so.cache",
                                                 "/etc/ssl/certs",
                                                 "/etc/ssl/openssl.cnf",
                                                 "/usr/share/ca-certificates"};

// Adds what is seen inside, each path once and where it is outside.
class Binds {
 public:
  void add(const fs::path& path, const char* mode, bool optional) {
    const std::string text = path.lexically_normal();
    const bool known = std::ranges::any_of(
        list_, [&](const json::value& each) { return text_of(each, "dst") == text; });
    if (!text.empty() && !known) {
      list_.push_back({{"src", text}, {"dst", text}, {"mode", mode}, {"optional", optional}});
    }
  }
  // Read and written: that a build may do both with one folder is no contradiction.
  void replace(const fs::path& path, const char* mode) {
    const std::string text = path.lexically_normal();
    const auto known = std::ranges::find_if(
        list_, [&](const json::value& each) { return text_of(each, "dst") == text; });
    if (known != list_.end()) {
      list_.erase(known);
    }
    add(path, mode, false);
  }
  void add_user(const Bind& bind) {
    list_.push_back({{"src", bind.src},
                     {"dst", bind.dst},
                     {"mode", bind.writable ? "rw" : "ro"},
                     {"optional", false}});
  }
  // Folders before what lies in them, and what the user names over what is needed.
  json::array sorted() && {
    std::ranges::stable_sort(list_, {}, [](const json::value& each) {
      return std::ranges::count(text_of(each, "dst"), '/');
    });
    return std::move(list_);
  }

 private:
  json::array list_;
};

bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::ranges::mismatch(folder, path);
  return end == folder.end();
}

void add_dockerfile(const Request& request, Binds& binds) {
  const fs::path file = request.file;
  if (file.is_absolute() &&
      !(request.context_kind == "folder" && is_within(file, request.context))) {
    binds.add(file, "ro", true);
    binds.add(file.native() + ".dockerignore", "ro", true);
  }
}

// FOLDER of "FOLDER[:NAME][@DIGEST]".
std::string layout_folder(std::string text) {
  text.resize(std::min(text.find('@'), text.size()));
  const size_t colon = text.rfind(':');
  return colon != std::string::npos && text.find('/', colon) == std::string::npos
             ? text.substr(0, colon)
             : text;
}

// Folders of --cache-to.
std::vector<fs::path> written_caches(const Request& request) {
  std::vector<fs::path> folders;
  for (const TypedEntry& entry : request.inputs.cache_to) {
    const auto place = entry.attrs.find("dest");
    if (entry.type == "local" && place != entry.attrs.end()) {
      folders.emplace_back(place->second);
    }
  }
  return folders;
}

// Folders and layouts that the build takes from, or writes a cache into.
void add_inputs(const Request& request, Binds& binds) {
  constexpr std::string_view kLayout = "oci-layout://";
  for (const auto& [name, value] : request.inputs.build_contexts) {
    const bool layout = value.starts_with(kLayout);
    const std::string path = layout ? layout_folder(value.substr(kLayout.size())) : value;
    if (path.starts_with('/')) {
      binds.add(path, "ro", true);
    }
  }
  for (const TypedEntry& entry : request.inputs.cache_from) {
    const auto place = entry.attrs.find("src");
    if (entry.type == "local" && place != entry.attrs.end()) {
      binds.add(place->second, "ro", true);
    }
  }
  for (const fs::path& folder : written_caches(request)) {
    binds.replace(folder, "rw");
  }
}

std::string policy_of(const Request& request, const FenceGround& ground) {
  const char* own = request.hermetic ? "ktl-hermetic.cfg" : "linux-ci.cfg";
  return request.sandbox.config.empty() ? (ground.policies / own).native() : request.sandbox.config;
}

std::string explained(const StagePlugin& plugin, const Status& status) {
  return plugin.identity().id + ": " + (status.where().empty() ? "" : status.where() + ": ") +
         status.message();
}

Result<json::value> ask(StagePlugin& plugin, const Verb& verb, const json::object& document,
                        const CallContext& context) {
  KTL_TRY(check_document(verb.in, document));
  KTL_ASSIGN(json::value answer, plugin.invoke(verb, document, context));
  KTL_TRY(check_document(verb.out, answer));
  return answer;
}

Result<bridge::Wrapped> wrap(StagePlugin& plugin, const json::object& fence, const Inmate& inmate,
                             const CallContext& context) {
  json::object env;
  for (const std::string& variable : inmate.environment) {
    const size_t equals = variable.find('=');
    env[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  const json::object wanted{
      {"schema", "ktl.wrap/1"},
      {"fence", fence},
      {"argv", to_array(inmate.argv)},
      {"env", std::move(env)},
      {"keep_fds", json::array(inmate.keep_fds.begin(), inmate.keep_fds.end())},
      {"log_fd", bridge::kLogFd}};
  KTL_ASSIGN(const json::value answer, ask(plugin, verbs::kWrap, wanted, context));
  bridge::Wrapped wrapped{texts_of(answer, "argv"), {}, {}};
  for (const auto& variable : object_of(answer, "env")) {
    wrapped.environment.push_back(std::string(variable.key()) + "=" +
                                  std::string(variable.value().as_string()));
  }
  for (const json::value& file : array_of(answer, "files")) {
    KTL_ASSIGN(std::string bytes, base64_decode(text_of(file, "base64")));
    wrapped.files.push_back({static_cast<int>(int_of(file, "fd", 0)),
                             bytes.empty() ? std::string(text_of(file, "text")) : bytes});
  }
  return wrapped;
}

}  // namespace

bool wants_fence(const Request& request) { return !request.sandbox.disabled; }

// A folder that is not there yet is made, and noted for who takes it away when nothing came of it.
Status make_folder(const fs::path& folder, std::vector<fs::path>& made) {
  std::error_code error;
  for (fs::path each = folder; !each.empty() && !fs::exists(each, error);
       each = each.parent_path()) {
    made.push_back(each);
  }
  fs::create_directories(folder, error);
  return error ? errno_status("make the cache folder", error.value()).at(folder) : Status();
}

Result<std::vector<fs::path>> make_places(const Request& request, const FenceGround& ground) {
  for (const std::string& id : ground.worker_plugins) {
    KTL_TRY(make_private_folder(ground.folders.cache / "plugins" / id));
    KTL_TRY(make_private_folder(ground.folders.state / "plugins" / id));
  }
  std::vector<fs::path> made;
  for (const fs::path& folder : written_caches(request)) {
    KTL_TRY(make_folder(folder, made));
  }
  return made;
}

json::object fence_document(const Request& request, const FenceGround& ground) {
  Binds own;
  own.add(ground.program, "ro", false);
  for (const char* path : kMachine) {
    own.add(path, "ro", true);
  }
  if (request.context_kind != "url") {
    own.add(request.context, "ro", false);
  }
  add_dockerfile(request, own);
  add_inputs(request, own);
  for (const std::string& file : ground.files) {
    own.add(file, "ro", true);
  }
  for (const std::string& id : ground.worker_plugins) {
    own.add(ground.folders.cache / "plugins" / id, "rw", false);
    own.add(ground.folders.state / "plugins" / id, "rw", false);
  }
  for (const Bind& bind : request.sandbox.binds) {
    own.add_user(bind);
  }
  return {{"schema", "ktl.fence/1"},
          {"profile", policy_of(request, ground)},
          {"runtime", request.sandbox.runtime},
          {"context", request.context_kind == "folder" ? request.context : ""},
          {"workdir", request.sandbox.workdir},
          {"binds", std::move(own).sorted()},
          {"network", request.hermetic ? "none" : request.sandbox.network}};
}

Result<std::vector<std::unique_ptr<StagePlugin>>> start_sandboxes(
    PluginRegistry& registry, const std::shared_ptr<const Host>& host, const CallContext& context) {
  KTL_TRY(registry.start_those(host, context, [](const PluginEntry& entry) {
    const auto& list = entry.manifest.interfaces;
    return runs_here(entry) && entry.manifest.side != "worker" &&
           std::ranges::find(list, KTL_SANDBOX_ID) != list.end();
  }));
  std::vector<std::unique_ptr<StagePlugin>> found;
  for (Plugin* plugin : registry.providing(KTL_SANDBOX_ID)) {
    found.push_back(std::make_unique<Fencer>(*plugin));
  }
  return found;
}

Result<MadeFence> make_fence(const std::vector<std::unique_ptr<StagePlugin>>& sandboxes,
                             const json::object& fence, const Inmate& inmate,
                             const CallContext& context) {
  StagePlugin* best = nullptr;
  json::object made;
  Status why(Code::kFailedPrecondition, "no plugin provides ktl.sandbox/1");
  for (const auto& plugin : sandboxes) {
    auto probed = ask(*plugin, verbs::kProbe, fence, context);
    if (!probed.ok()) {
      why = Status(probed.status().code(), explained(*plugin, probed.status()))
                .advise(probed.status().next());
      continue;
    }
    const bool native = bool_of(*probed, "native");
    if (best == nullptr || native) {
      best = plugin.get();
      made = probed->as_object();
    }
    if (native) {
      break;
    }
  }
  if (best == nullptr) {
    return why;
  }
  KTL_ASSIGN(bridge::Wrapped command, wrap(*best, fence, inmate, context));
  return MadeFence{best->identity().id, std::move(made), std::move(command)};
}

}  // namespace ktl
