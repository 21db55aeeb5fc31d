#include "oci/registry_auth.h"

#include <algorithm>
#include <cstdlib>

#include "base/base64.h"
#include "base/fd.h"
#include "base/json.h"

namespace ktl::oci {
namespace {

constexpr size_t kMaxConfig = 1U << 20U;
constexpr std::string_view kDockerKey = "https://index.docker.io/v1/";

// "https://ghcr.io/v2/" -> "ghcr.io"; docker.io under each of its names is "docker.io".
std::string host_of(std::string_view key) {
  for (std::string_view scheme : {"https://", "http://"}) {
    key.remove_prefix(key.starts_with(scheme) ? scheme.size() : 0);
  }
  key = key.substr(0, key.find('/'));
  bool docker = key == "index.docker.io" || key == "registry-1.docker.io";
  return docker ? "docker.io" : std::string(key);
}

// How docker calls a registry when it asks a helper.
std::string helper_key(const std::string& host) {
  return host == "docker.io" ? std::string(kDockerKey) : host;
}

bool is_helper_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// One value of "auths"; empty when it holds nothing (docker leaves {} behind for helpers).
Result<Credentials> parse_entry(const json::value& entry) {
  if (auto token = text_of(entry, "identitytoken"); !token.empty()) {
    return Credentials(Credentials::kTokenUser, std::string(token));
  }
  auto auth = text_of(entry, "auth");
  if (auth.empty()) {
    return Credentials(std::string(text_of(entry, "username")),
                       std::string(text_of(entry, "password")));
  }
  KTL_ASSIGN(std::string pair, base64_decode(auth));
  pair.erase(pair.find_last_not_of('\0') + 1);  // docker pads some with NULs
  size_t colon = pair.find(':');
  if (colon == std::string::npos || colon == 0) {
    Credentials::wipe(pair);
    return Status(Code::kInvalidArgument, "\"auth\" is not base64 of user:password");
  }
  Credentials made(pair.substr(0, colon), pair.substr(colon + 1));
  Credentials::wipe(pair);
  return made;
}

// Runs `docker-credential-<helper> get`. nullopt: it knows nothing about this registry.
Result<std::optional<Credentials>> ask_helper(const std::string& helper, const std::string& host,
                                              ProcessRunner& processes) {
  Command command;
  command.argv = {"docker-credential-" + helper, "get"};
  command.input = helper_key(host);
  KTL_ASSIGN(Output output, processes.run(command));
  if (output.exit_code != 0) {
    if ((output.out + output.err).find("credentials not found") != std::string::npos) {
      return std::optional<Credentials>();
    }
    return Status(Code::kUnauthenticated, command.argv[0] + " failed for " + host +
                                              " with exit code " + std::to_string(output.exit_code))
        .advise("run `" + command.argv[0] + " get` by hand, or log in again");
  }
  auto answer = parse_json(output.out, kMaxConfig);
  Credentials::wipe(output.out);
  if (!answer.ok()) {
    return Status(Code::kUnauthenticated, command.argv[0] + " did not answer with JSON");
  }
  Credentials made(std::string(text_of(*answer, "Username")),
                   std::string(text_of(*answer, "Secret")));
  return made.empty() ? std::optional<Credentials>() : std::move(made);
}

}  // namespace

std::vector<std::string> registry_keys(const std::string& registry) {
  if (registry == "docker.io") {
    return {std::string(kDockerKey), "docker.io", "index.docker.io", "registry-1.docker.io",
            "https://index.docker.io/v2/"};
  }
  return {registry, "https://" + registry, "http://" + registry, "https://" + registry + "/v2/",
          "https://" + registry + "/v1/"};
}

Result<RegistryAuth> RegistryAuth::parse(std::string text, const std::string& where) {
  auto document = parse_json(text, kMaxConfig);
  Credentials::wipe(text);
  if (!document.ok() || !document->is_object()) {
    return Status(Code::kInvalidArgument,
                  document.ok() ? "not an object" : document.status().message())
        .at(where);
  }
  RegistryAuth made;
  made.creds_store_ = text_of(*document, "credsStore");
  if (const auto* helpers = field_of(*document, "credHelpers"); helpers && helpers->is_object()) {
    for (const auto& [key, helper] : helpers->get_object()) {
      made.cred_helpers_[host_of(key)] = helper.is_string() ? helper.get_string().c_str() : "";
    }
  }
  if (const auto* auths = field_of(*document, "auths"); auths && auths->is_object()) {
    for (const auto& [key, entry] : auths->get_object()) {
      auto parsed = parse_entry(entry);
      if (!parsed.ok()) {
        return std::move(parsed).status().in("auths[\"" + valid_utf8(key) + "\"]").at(where);
      }
      if (!parsed->empty()) {
        made.auths_[host_of(key)] = *std::move(parsed);
      }
    }
  }
  return made;
}

Result<RegistryAuth> RegistryAuth::load(const std::filesystem::path& file) {
  KTL_ASSIGN(std::string text, read_file(file, kMaxConfig));
  return parse(std::move(text), file.string());
}

Result<RegistryAuth> RegistryAuth::load_default() {
  const char* folder = ::getenv("DOCKER_CONFIG");
  const char* home = ::getenv("HOME");
  bool named = folder != nullptr && *folder != 0;
  if (!named && (home == nullptr || *home == 0)) {
    return RegistryAuth();
  }
  auto loaded = load(named ? std::filesystem::path(folder) / "config.json"
                           : std::filesystem::path(home) / ".docker" / "config.json");
  if (!loaded.ok() && loaded.status().code() == Code::kNotFound) {
    return RegistryAuth();
  }
  return loaded;
}

Status RegistryAuth::reveal_to(SecretSink sink) {
  for (const auto& [host, credentials] : auths_) {
    KTL_TRY(sink(credentials.secret()));
  }
  sink_ = std::move(sink);
  return {};
}

Result<std::optional<Credentials>> RegistryAuth::credentials(std::string_view registry,
                                                             ProcessRunner& processes) const {
  std::string host = host_of(registry);
  auto own = cred_helpers_.find(host);
  const std::string& helper = own != cred_helpers_.end() ? own->second : creds_store_;
  if (own != cred_helpers_.end() || !creds_store_.empty()) {
    if (!is_helper_name(helper)) {
      return Status(Code::kInvalidArgument,
                    "the credential helper for " + host + " has a name that is no program's");
    }
    KTL_ASSIGN(auto answer, ask_helper(helper, host, processes));
    if (answer) {
      KTL_TRY(sink_ ? sink_(answer->secret()) : Status());
      return answer;
    }
  }
  auto found = auths_.find(host);
  if (found == auths_.end()) {
    return std::optional<Credentials>();
  }
  return std::optional<Credentials>(found->second.clone());
}

}  // namespace ktl::oci
