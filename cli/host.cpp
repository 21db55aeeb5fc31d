#include "cli/host.h"

#include <cstdlib>

#include "cli/registry_auth.h"
#include "core/document/fields.h"
#include "core/pipeline/builder_reach.h"
#include "core/plugins/services/local.h"

namespace ktl::cli {

std::filesystem::path store_folder(const PluginFolders& folders) { return folders.state / "store"; }

std::string getenv_text(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::shared_ptr<const BuilderDoor> open_door(std::optional<std::vector<std::string>> own) {
  return std::make_shared<const BuilderDoor>(std::move(own), getenv_text);
}

Result<std::shared_ptr<Host>> make_host(Publish publish, const HostAuth& auth,
                                        std::shared_ptr<const SecretService> secrets,
                                        redact::Register sink) {
  auto host = std::make_shared<Host>();
  KTL_ASSIGN(host->folders, default_plugin_folders());
  KTL_ASSIGN(oci::Store store, oci::Store::open(store_folder(host->folders)));
  KTL_ASSIGN(oci::RegistryAuth known, auth.authfile.empty()
                                          ? oci::RegistryAuth::load_default()
                                          : oci::RegistryAuth::load(auth.authfile));
  KTL_TRY(sink ? known.reveal_to(sink) : Status());
  host->redact = std::move(sink);
  host->publish = std::move(publish);
  host->content = std::make_shared<const StoreContent>(std::move(store));
  host->auth =
      std::make_shared<const RegistryService>(std::move(known), auth.registries, auth.cancel_fd);
  host->secrets = std::move(secrets);
  host->builders = open_door(std::nullopt);
  return host;
}

FenceGround fence_ground(const Request& request, const PluginFolders& folders) {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return {program,
          program.parent_path().parent_path() / "share/ktl/sandbox",
          folders,
          {},
          tls_files_of(request, getenv_text)};
}

std::vector<std::filesystem::path> named_by(const Request& request,
                                            const std::vector<const Manifest*>& used) {
  std::vector<std::filesystem::path> named;
  auto add = [&](std::string_view path) {
    if (path.starts_with('/')) {
      named.emplace_back(path);
    }
  };
  add(request.context);
  add(request.file);
  for (const auto& [name, value] : request.inputs.build_contexts) {
    add(value);
  }
  for (const TypedEntry& output : request.inputs.outputs) {
    add(output.dest);
  }
  for (const Manifest* manifest : used) {
    const json::object own = object_of(request.options, manifest->id);
    for (const PluginFlag& flag : manifest->flags) {
      add(flag.type == PluginFlag::Type::kPath ? text_of(own, flag.name) : "");
    }
  }
  return named;
}

}  // namespace ktl::cli
