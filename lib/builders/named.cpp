#include "builders/named.h"

#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "base/json.h"
#include "base/sha256.h"

namespace ktl::builder {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFile = 1U << 20U;
constexpr size_t kMaxNodes = 64;
constexpr const char* kDefaultSocket = "unix:///var/run/docker.sock";

fs::path docker_folder(const Getenv& getenv) {
  const std::string named = getenv("DOCKER_CONFIG");
  return named.empty() ? fs::path(getenv("HOME")) / ".docker" : fs::path(named);
}

Result<json::value> read_json(const fs::path& file) {
  KTL_ASSIGN(const std::string text, read_file(file, kMaxFile));
  Result<json::value> value = parse_json(text, kMaxFile);
  if (!value.ok()) {
    return std::move(value).status().at(file.string());
  }
  return value;
}

// `name` in `folder`, or nothing when there is no such file.
std::string if_there(const fs::path& folder, const char* name) {
  std::error_code error;
  return fs::is_regular_file(folder / name, error) ? (folder / name).string() : std::string();
}

TlsFiles tls_in(const fs::path& folder) {
  return {if_there(folder, "ca.pem"), if_there(folder, "cert.pem"), if_there(folder, "key.pem"),
          ""};
}

Result<Address> docker_from_environment(const Address& address, const Getenv& getenv) {
  const std::string host = getenv("DOCKER_HOST");
  if (host.empty()) {
    return docker_endpoint(kDefaultSocket, address.origin, std::nullopt);
  }
  std::optional<TlsFiles> tls;
  if (!getenv("DOCKER_TLS_VERIFY").empty()) {
    const std::string folder = getenv("DOCKER_CERT_PATH");
    tls = tls_in(folder.empty() ? docker_folder(getenv) : fs::path(folder));
  }
  return docker_endpoint(host, "DOCKER_HOST", tls);
}

Status no_context(const Address& address, const std::string& name) {
  return Status(Code::kInvalidArgument,
                address.origin + ": there is no docker context \"" + name + "\"")
      .advise("`docker context ls` shows those there are");
}

Result<Address> from_context(const Address& address, const std::string& name,
                             const Getenv& getenv) {
  const fs::path contexts = docker_folder(getenv) / "contexts";
  const std::string id = digest_of(name).substr(std::string_view("sha256:").size());
  const fs::path file = contexts / "meta" / id / "meta.json";
  Result<json::value> meta = read_json(file);
  if (!meta.ok()) {
    return meta.status().code() == Code::kNotFound ? no_context(address, name)
                                                   : std::move(meta).status();
  }
  const json::value* endpoints = field_of(*meta, "Endpoints");
  const json::value* docker = endpoints == nullptr ? nullptr : field_of(*endpoints, "docker");
  if (docker == nullptr) {
    return Status(Code::kInvalidArgument, "the docker context has no endpoint").at(file.string());
  }
  if (bool_of(*docker, "SkipTLSVerify")) {
    return Status(Code::kInvalidArgument,
                  "docker context \"" + name + "\" asks for TLS that trusts anybody")
        .at(file.string())
        .advise("give the context a CA: docker context update --docker ...,ca=FILE");
  }
  const TlsFiles tls = tls_in(contexts / "tls" / id / "docker");
  const bool has_tls = !tls.cacert.empty() || !tls.cert.empty();
  return docker_endpoint(std::string(text_of(*docker, "Host")), "docker context " + name,
                         has_tls ? std::optional(tls) : std::nullopt);
}

// The context that the docker program would use.
std::string current_context(const Getenv& getenv) {
  if (const std::string name = getenv("DOCKER_CONTEXT"); !name.empty()) {
    return name;
  }
  const Result<json::value> config = read_json(docker_folder(getenv) / "config.json");
  return config.ok() ? std::string(text_of(*config, "currentContext")) : std::string();
}

Result<Address> docker(const Address& address, const Getenv& getenv) {
  std::string name = address.name;
  if (name.empty() && getenv("DOCKER_HOST").empty()) {
    name = current_context(getenv);
  }
  return name.empty() || name == "default" ? docker_from_environment(address, getenv)
                                           : from_context(address, name, getenv);
}

// A node of a buildx instance as an address in ktl's words.
Result<std::string> node_address(const json::value& instance, const json::value& node,
                                 const std::string& name) {
  const std::string_view driver = text_of(instance, "Driver");
  std::string endpoint(text_of(node, "Endpoint"));
  if (driver == "docker-container") {
    const std::string container = "buildx_buildkit_" + std::string(text_of(node, "Name"));
    return "docker-container://" + container +
           (endpoint.empty() || endpoint.find("://") != std::string::npos ? ""
                                                                          : "?context=" + endpoint);
  }
  if (driver == "docker") {
    return endpoint.empty() ? "docker" : "docker://" + endpoint;
  }
  if (driver != "remote") {
    return Status(Code::kInvalidArgument, "builder \"" + name + "\" has buildx's driver \"" +
                                              std::string(driver) + "\", which ktl cannot use")
        .advise("name its address with --builder");
  }
  const json::value* options = field_of(node, "DriverOpts");
  for (const char* key : {"cacert", "cert", "key", "servername"}) {
    const std::string_view value = options == nullptr ? "" : text_of(*options, key);
    if (!value.empty()) {
      endpoint += (endpoint.find('?') == std::string::npos ? "?" : "&") + std::string(key) + "=" +
                  std::string(value);
    }
  }
  return endpoint;
}

Result<NamedNode> node_of(const json::value& instance, const json::value& node,
                          const Address& named, const Getenv& getenv) {
  KTL_ASSIGN(const std::string text, node_address(instance, node, named.name));
  Result<Address> found = parse_address(text, getenv);
  if (!found.ok() || found->kind == Address::Kind::kNamed ||
      found->kind == Address::Kind::kPrivate) {
    return Status(Code::kInvalidArgument, "builder \"" + named.name + "\" is at \"" +
                                              valid_utf8(text) + "\", which is no address");
  }
  found->origin = named.origin + " " + named.name;
  NamedNode made{*std::move(found), {}};
  if (made.address.kind == Address::Kind::kDocker) {
    KTL_ASSIGN(made.address, docker(made.address, getenv));
  }
  const json::value* platforms = field_of(node, "Platforms");
  if (platforms != nullptr && platforms->is_array()) {
    for (const json::value& each : platforms->as_array()) {
      const std::string variant(text_of(each, "variant"));
      made.platforms.push_back(std::string(text_of(each, "os")) + "/" +
                               std::string(text_of(each, "architecture")) +
                               (variant.empty() ? "" : "/" + variant));
    }
  }
  return made;
}

Result<std::vector<NamedNode>> from_buildx(const Address& address, const Getenv& getenv) {
  const fs::path file = docker_folder(getenv) / "buildx" / "instances" / address.name;
  Result<json::value> instance = read_json(file);
  if (!instance.ok() && instance.status().code() == Code::kNotFound) {
    return Status(Code::kInvalidArgument, address.origin + ": " + address.name +
                                              " is no builder address, and neither ktl.yaml nor "
                                              "buildx knows a builder of that name")
        .advise(
            "`docker buildx ls` shows those it knows; addresses look like "
            "unix:///path/to/buildkitd.sock");
  }
  KTL_TRY(instance.status());
  const json::value* nodes = field_of(*instance, "Nodes");
  const size_t count = nodes != nullptr && nodes->is_array() ? nodes->as_array().size() : 0;
  if (count == 0 || count > kMaxNodes) {
    return Status(Code::kInvalidArgument, "builder \"" + address.name + "\" has " +
                                              (count == 0 ? "no nodes" : "more than 64 nodes"))
        .at(file.string());
  }
  std::vector<NamedNode> made;
  for (const json::value& node : nodes->as_array()) {
    Result<NamedNode> one = node_of(*instance, node, address, getenv);
    if (!one.ok()) {
      return one.status().where().empty() ? std::move(one).status().at(file.string())
                                          : std::move(one).status();
    }
    made.push_back(*std::move(one));
  }
  return made;
}

}  // namespace

Result<std::vector<NamedNode>> follow_names(Address address, const Getenv& getenv) {
  if (address.kind == Address::Kind::kNamed) {
    return from_buildx(address, getenv);
  }
  if (address.kind == Address::Kind::kDocker) {
    KTL_ASSIGN(address, docker(address, getenv));
  }
  return std::vector<NamedNode>{{std::move(address), {}}};
}

}  // namespace ktl::builder
