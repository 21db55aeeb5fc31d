#include "oci/auth_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdlib>

#include "base/base64.h"
#include "base/fd.h"
#include "base/json.h"
#include "oci/registry_auth.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;
constexpr size_t kMaxConfig = 1U << 20U;

// One change at a time: flock(2) on the file's folder, held while it is read and replaced.
Result<UniqueFd> lock(const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  KTL_ASSIGN(UniqueFd fd, open_file(file.parent_path(), O_RDONLY | O_DIRECTORY));
  return ::flock(fd.get(), LOCK_EX) == 0 ? Result<UniqueFd>(std::move(fd))
                                         : errno_status("lock " + file.string(), errno);
}

Result<json::object> read_config(const fs::path& file) {
  Result<std::string> text = read_file(file, kMaxConfig);
  if (!text.ok()) {
    return text.status().code() == Code::kNotFound ? Result<json::object>(json::object())
                                                   : text.status();
  }
  Result<json::value> document = parse_json(*text, kMaxConfig);
  Credentials::wipe(*text);
  if (!document.ok() || !document->is_object()) {
    return Status(Code::kInvalidArgument,
                  document.ok() ? "not an object" : document.status().message())
        .at(file.string());
  }
  return std::move(document->as_object());
}

Status write_config(const fs::path& file, const json::object& config) {
  std::string text = pretty_json(config);
  Status status = write_file_atomic(file, text, 0600);
  Credentials::wipe(text);
  return status;
}

std::string helper_of(const json::object& config, const std::string& registry) {
  const json::value document(config);
  const json::value* helpers = field_of(document, "credHelpers");
  std::string name(helpers == nullptr ? "" : text_of(*helpers, registry));
  return name.empty() ? std::string(text_of(document, "credsStore")) : name;
}

Status run_helper(const std::string& helper, const char* verb, std::string input,
                  ProcessRunner& processes) {
  if (helper.find_first_of("/ \t\n") != std::string::npos) {
    return {Code::kInvalidArgument, "the credential helper has a name that is no program's"};
  }
  Command command;
  command.argv = {"docker-credential-" + helper, verb};
  command.input = std::move(input);
  Result<Output> output = processes.run(command);
  Credentials::wipe(command.input);
  if (!output.ok()) {
    return std::move(output).status().in(command.argv[0]);
  }
  return output->exit_code == 0 ? Status()
                                : Status(Code::kFailedPrecondition,
                                         command.argv[0] + " " + verb + " failed with exit code " +
                                             std::to_string(output->exit_code))
                                      .advise("run it by hand, or take it out of the file");
}

// All keys of "auths" that mean the registry: docker writes some with a scheme or a path.
bool erase_entries(json::object& config, const std::string& registry) {
  json::value* auths = config.if_contains("auths");
  bool found = false;
  for (const std::string& key : registry_keys(registry)) {
    if (auths != nullptr && auths->is_object()) {
      found = auths->get_object().erase(key) > 0 || found;
    }
  }
  return found;
}

}  // namespace

Result<fs::path> default_auth_file() {
  const char* folder = std::getenv("DOCKER_CONFIG");
  const char* home = std::getenv("HOME");
  if (folder != nullptr && *folder != 0) {
    return fs::path(folder) / "config.json";
  }
  if (home == nullptr || *home == 0) {
    return Status(Code::kFailedPrecondition, "there is no home folder to keep credentials in")
        .advise("set HOME, or name a file with --authfile");
  }
  return fs::path(home) / ".docker" / "config.json";
}

Result<Kept> keep_credentials(const fs::path& file, const std::string& registry,
                              const Credentials& credentials, ProcessRunner& processes) {
  KTL_ASSIGN(const UniqueFd held, lock(file));
  KTL_ASSIGN(json::object config, read_config(file));
  const std::string key = registry_keys(registry).front();
  const std::string helper = helper_of(config, registry);
  erase_entries(config, registry);
  json::value& auths = config["auths"];
  if (!auths.is_object()) {
    auths.emplace_object();
  }
  json::object& entry = auths.get_object()[key].emplace_object();
  if (!helper.empty()) {
    KTL_TRY(run_helper(helper, "store",
                       json::serialize(json::object{{"ServerURL", key},
                                                    {"Username", credentials.user()},
                                                    {"Secret", credentials.secret()}}),
                       processes));
  } else {
    std::string pair = credentials.user() + ":" + credentials.secret();
    entry["auth"] = base64_encode(pair);
    Credentials::wipe(pair);
  }
  KTL_TRY(write_config(file, config));
  return Kept{helper.empty() ? "" : "docker-credential-" + helper};
}

Result<bool> forget_credentials(const fs::path& file, const std::string& registry,
                                ProcessRunner& processes) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return false;
  }
  KTL_ASSIGN(const UniqueFd held, lock(file));
  KTL_ASSIGN(json::object config, read_config(file));
  const std::string helper = helper_of(config, registry);
  bool found = false;
  if (!helper.empty()) {
    KTL_ASSIGN(const RegistryAuth auth, RegistryAuth::load(file));
    KTL_ASSIGN(const auto known, auth.credentials(registry, processes));
    found = known.has_value();
    if (found) {
      KTL_TRY(run_helper(helper, "erase", registry_keys(registry).front(), processes));
    }
  }
  if (erase_entries(config, registry)) {
    found = true;
    KTL_TRY(write_config(file, config));
  }
  return found;
}

}  // namespace ktl::oci
