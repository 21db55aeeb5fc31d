#include "cli/request/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

struct Reference {
  std::string id;
  std::string src;
  std::string env;
  std::string type;
};

Status set_key(const std::string& key, std::string value, Reference& into) {
  const std::map<std::string_view, std::string Reference::*> keys = {{"id", &Reference::id},
                                                                     {"src", &Reference::src},
                                                                     {"source", &Reference::src},
                                                                     {"env", &Reference::env},
                                                                     {"type", &Reference::type}};
  auto found = keys.find(key);
  if (found == keys.end()) {
    return Status(Code::kInvalidArgument, "--secret does not know the key \"" + key + "\"")
        .advise("the keys are id, src, env and type");
  }
  into.*(found->second) = std::move(value);
  return {};
}

Result<Reference> read_keys(const std::string& word) {
  Reference reference;
  KTL_ASSIGN(std::vector<std::string> fields, split_record(word));
  for (const std::string& field : fields) {
    size_t equals = field.find('=');
    if (equals == std::string::npos) {
      return Status(Code::kInvalidArgument, "--secret has a field without \"=\"")
          .advise("write --secret NAME, or --secret id=ID,src=FILE or id=ID,env=NAME");
    }
    KTL_TRY(set_key(field.substr(0, equals), field.substr(equals + 1), reference));
  }
  if (!reference.type.empty() && reference.type != "file" && reference.type != "env") {
    return Status(Code::kInvalidArgument, "--secret type must be file or env")
        .at("secret " + reference.id);
  }
  return reference;
}

Result<json::object> from_variable(const std::string& id, const std::string& name,
                                   const Surroundings& surroundings) {
  const std::string* value = surroundings.environment.get(name);
  if (value == nullptr) {
    return Status(Code::kInvalidArgument, "secret " + id + ": the variable " + name + " is not set")
        .advise("export " + name + ", or name a file: --secret id=" + id + ",src=FILE");
  }
  if (value->size() > kMaxSecretBytes) {
    return Status(Code::kInvalidArgument, "secret " + id + " is larger than 500 KiB");
  }
  return json::object{{"id", id}, {"env", name}};
}

Result<json::object> from_file(const std::string& id, const std::string& file,
                               const Surroundings& surroundings) {
  std::string path = absolute(surroundings.directory, file);
  struct stat info{};
  std::string reason;
  if (::stat(path.c_str(), &info) != 0) {
    reason = "there is no such file";
  } else if (!S_ISREG(info.st_mode)) {
    reason = "it is no regular file";
  } else if (static_cast<size_t>(info.st_size) > kMaxSecretBytes) {
    reason = "it is larger than 500 KiB";
  } else if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
    reason = "it may not be read";
  }
  if (!reason.empty()) {
    return Status(Code::kInvalidArgument, "secret " + id + ": " + path + ": " + reason)
        .advise("name a file you may read: --secret id=" + id + ",src=FILE");
  }
  return json::object{{"id", id}, {"src", path}};
}

Status no_agent(const std::string& id, const std::string& path) {
  return Status(Code::kInvalidArgument,
                "--ssh " + id + ": " + path + " is neither an agent's socket nor a key file")
      .advise("name the socket of an ssh agent, or files of keys without a passphrase");
}

Result<json::object> ssh_of_environment(const std::string& id, const Surroundings& surroundings) {
  const std::string socket = surroundings.environment.text("SSH_AUTH_SOCK");
  std::error_code ignored;  // what cannot be looked at is no socket
  if (socket.empty()) {
    return Status(Code::kInvalidArgument, "--ssh " + id + ": SSH_AUTH_SOCK is not set")
        .advise("start an ssh agent, or name its socket: --ssh " + id + "=PATH");
  }
  return std::filesystem::is_socket(socket, ignored) ? json::object{{"id", id}, {"src", ""}}
                                                     : Result<json::object>(no_agent(id, socket));
}

// One agent's socket, or any number of key files.
Result<json::object> ssh_of_paths(const std::string& id, const std::vector<std::string>& paths,
                                  const Surroundings& surroundings) {
  json::array keys;
  for (const std::string& path : paths) {
    const std::string file = absolute(surroundings.directory, path);
    std::error_code ignored;
    const auto status = std::filesystem::status(file, ignored);
    if (std::filesystem::is_socket(status)) {
      return paths.size() == 1
                 ? json::object{{"id", id}, {"src", file}}
                 : Result<json::object>(
                       Status(Code::kInvalidArgument, "--ssh " + id + ": " + file +
                                                          " is an agent's socket, which cannot "
                                                          "be joined with anything else")
                           .advise("name one socket, or key files only"));
    }
    if (!std::filesystem::is_regular_file(status)) {
      return no_agent(id, file);
    }
    keys.emplace_back(file);
  }
  return json::object{{"id", id}, {"src", ""}, {"keys", std::move(keys)}};
}

}  // namespace

Result<json::object> read_secret(const std::string& word, const Surroundings& surroundings) {
  if (word.find_first_of("=,") == std::string::npos) {
    return from_variable(word, word, surroundings);
  }
  KTL_ASSIGN(Reference reference, read_keys(word));
  if (reference.id.empty()) {
    return Status(Code::kInvalidArgument, "--secret needs an id")
        .advise("write --secret id=ID,...");
  }
  const std::string& id = reference.id;
  if (!reference.env.empty() && !reference.src.empty()) {
    return Status(Code::kInvalidArgument, "secret " + id + " names both a file and a variable");
  }
  if (reference.type == "env" && reference.env.empty()) {
    reference.env = reference.src.empty() ? id : reference.src;
  }
  if (!reference.env.empty()) {
    return from_variable(id, reference.env, surroundings);
  }
  bool variable = reference.src.empty() && reference.type.empty() &&
                  surroundings.environment.get(id) != nullptr;
  return variable ? from_variable(id, id, surroundings)
                  : from_file(id, reference.src.empty() ? id : reference.src, surroundings);
}

Result<json::object> read_ssh(const std::string& word, const Surroundings& surroundings) {
  const size_t equals = word.find('=');
  const std::string id = word.substr(0, equals);
  if (id.empty()) {
    return Status(Code::kInvalidArgument, "--ssh needs an id").advise("write --ssh default");
  }
  const std::vector<std::string> paths = equals == std::string::npos
                                             ? std::vector<std::string>()
                                             : split_commas(word.substr(equals + 1));
  return paths.empty() ? ssh_of_environment(id, surroundings)
                       : ssh_of_paths(id, paths, surroundings);
}

}  // namespace ktl::cli
