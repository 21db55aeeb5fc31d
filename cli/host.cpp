#include "cli/host.h"

#include "core/plugins/services/local.h"

namespace ktl::cli {

std::filesystem::path store_folder(const PluginFolders& folders) { return folders.state / "store"; }

Result<std::shared_ptr<const Host>> make_host(Publish publish, const std::string& authfile,
                                              std::shared_ptr<const SecretService> secrets,
                                              redact::Register sink) {
  auto host = std::make_shared<Host>();
  KTL_ASSIGN(host->folders, default_plugin_folders());
  KTL_ASSIGN(oci::Store store, oci::Store::open(store_folder(host->folders)));
  KTL_ASSIGN(oci::RegistryAuth auth, authfile.empty() ? oci::RegistryAuth::load_default()
                                                      : oci::RegistryAuth::load(authfile));
  KTL_TRY(sink ? auth.reveal_to(sink) : Status());
  host->redact = std::move(sink);
  host->publish = std::move(publish);
  host->content = std::make_shared<const StoreContent>(std::move(store));
  host->auth = std::make_shared<const DockerAuth>(std::move(auth));
  host->secrets = std::move(secrets);
  return std::shared_ptr<const Host>(std::move(host));
}

}  // namespace ktl::cli
