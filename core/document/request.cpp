#include "core/document/request.h"

#include "core/document/fields.h"
#include "core/document/schemas.h"

namespace ktl {
namespace {

json::array secrets_to_json(const std::vector<SecretSource>& secrets) {
  json::array out;
  for (const auto& secret : secrets) {
    json::object one{{"id", secret.id}};
    if (secret.env.empty()) {
      one.emplace("src", secret.src);
    } else {
      one.emplace("env", secret.env);
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

json::array ssh_to_json(const std::vector<SshSource>& ssh) {
  json::array out;
  for (const auto& agent : ssh) {
    out.emplace_back(
        json::object{{"id", agent.id}, {"src", agent.src}, {"keys", to_array(agent.keys)}});
  }
  return out;
}

}  // namespace

Result<Request> request_from_json(const json::value& document) {
  KTL_TRY(check_document("request-1", document));
  return request_from_judged(document);
}

Request request_from_judged(const json::value& document) {
  Request request;
  request.command = text_of(document, "command");
  request.context = text_of(document, "context");
  request.context_kind = text_of(document, "context_kind", "folder");
  request.file = text_of(document, "file");
  request.project = text_of(document, "project");
  request.name = text_of(document, "name");
  request.profile = text_of(document, "profile");
  request.target = text_of(document, "target");
  request.platforms = texts_of(document, "platforms");
  request.tags = texts_of(document, "tags");
  request.build_args = text_map_of(document, "build_args");
  request.labels = text_map_of(document, "labels");
  for (const auto& one : array_of(document, "secrets")) {
    request.secrets.push_back({std::string(text_of(one, "id")), std::string(text_of(one, "src")),
                               std::string(text_of(one, "env"))});
  }
  for (const auto& one : array_of(document, "ssh")) {
    request.ssh.push_back(
        {std::string(text_of(one, "id")), std::string(text_of(one, "src")), texts_of(one, "keys")});
  }
  request.no_cache = bool_of(document, "no_cache");
  request.pull = bool_of(document, "pull");
  request.network = text_of(document, "network");
  request.locked = bool_of(document, "locked");
  request.hermetic = bool_of(document, "hermetic") || request.locked;
  request.allow_network = texts_of(document, "allow_network");
  request.allow_unpinned_bases = bool_of(document, "allow_unpinned_bases");
  request.inputs = inputs_from_json(document);
  request.builder = text_of(document, "builder", "auto");
  request.authfile = text_of(document, "authfile");
  request.quiet = bool_of(document, "quiet");
  request.progress = text_of(document, "progress", "auto");
  request.iidfile = text_of(document, "iidfile");
  request.metadata_file = text_of(document, "metadata_file");
  request.logfile = text_of(document, "logfile");
  request.keep = bool_of(document, "keep");
  request.sandbox = sandbox_from_json(object_of(document, "sandbox"));
  request.require = texts_of(document, "require");
  request.registries = oci::registry_rules(document);
  request.builders = builders_from_json(array_of(document, "builders"));
  request.plugins = array_of(document, "plugins");
  request.options = object_of(document, "options");
  request.origin = text_map_of(document, "origin");
  return request;
}

json::object to_json(const Request& request) {
  json::object document{{"schema", "ktl.request/1"},
                        {"command", request.command},
                        {"context", request.context},
                        {"context_kind", request.context_kind},
                        {"file", request.file},
                        {"project", request.project},
                        {"name", request.name},
                        {"profile", request.profile},
                        {"target", request.target},
                        {"platforms", to_array(request.platforms)},
                        {"tags", to_array(request.tags)},
                        {"build_args", to_object(request.build_args)},
                        {"labels", to_object(request.labels)},
                        {"secrets", secrets_to_json(request.secrets)},
                        {"ssh", ssh_to_json(request.ssh)},
                        {"no_cache", request.no_cache},
                        {"pull", request.pull},
                        {"network", request.network},
                        {"hermetic", request.hermetic},
                        {"locked", request.locked},
                        {"allow_network", to_array(request.allow_network)},
                        {"allow_unpinned_bases", request.allow_unpinned_bases},
                        {"builder", request.builder},
                        {"authfile", request.authfile},
                        {"quiet", request.quiet},
                        {"progress", request.progress},
                        {"iidfile", request.iidfile},
                        {"metadata_file", request.metadata_file},
                        {"logfile", request.logfile},
                        {"keep", request.keep},
                        {"sandbox", to_json(request.sandbox)},
                        {"require", to_array(request.require)},
                        {"registries", to_json(request.registries)},
                        {"builders", to_json(request.builders)},
                        {"plugins", request.plugins},
                        {"options", request.options},
                        {"origin", to_object(request.origin)}};
  add_inputs(request.inputs, document);
  return document;
}

}  // namespace ktl
