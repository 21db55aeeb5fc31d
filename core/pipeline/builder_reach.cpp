#include "core/pipeline/builder_reach.h"

#include <algorithm>

#include "builders/named.h"
#include "core/document/fields.h"
#include "core/pipeline/builder_choice.h"
#include "core/pipeline/builder_network.h"
#include "core/pipeline/contract.h"

namespace ktl {
namespace {

using builder::Address;

// A daemon before its names have been followed: what --builder says, and what ktl knows of it.
struct Wanted {
  json::object member;
  std::string kind = "external";
  std::string note;
  bool steps_fenced = false;
};

Status give_back(Build& build) {
  Status first;
  while (!build.leases.empty()) {
    const json::object lease = std::move(build.leases.back());
    build.leases.pop_back();
    auto released =
        call_quietly(build, *build.setup().plugins.builders.front(), contracts::kRelease, lease);
    first = first.ok() ? released.status() : first;
  }
  return first;
}

Result<StagePlugin*> keeper_of(Build& build) {
  const auto& keepers = build.setup().plugins.builders;
  if (keepers.size() == 1) {
    return keepers.front();
  }
  return build.fail(
      {Stage::kSolve,
       Status(Code::kUnavailable,
              keepers.empty() ? "no plugin keeps a builder on this machine (ktl.builder/1)"
                              : "several plugins keep a builder: " + keepers[0]->identity().id +
                                    " and " + keepers[1]->identity().id)
           .advise(keepers.empty() ? "name one with --builder" : "use one of them")});
}

// Said once a build: another list is another builder, with a cache of its own.
void tell_network(Build& build, const std::string& network) {
  constexpr std::string_view kAllow = "allow:";
  if (!build.leases.empty() || (network != "none" && !network.starts_with(kAllow))) {
    return;
  }
  std::string hosts(network.starts_with(kAllow) ? network.substr(kAllow.size()) : "nothing");
  for (size_t at = hosts.find(','); at != std::string::npos; at = hosts.find(',', at + 2)) {
    hosts.insert(at + 1, " ");
  }
  build.say("info", "the builder itself reaches " + hosts +
                        (hosts == "nothing" ? "" : " and nothing else"));
}

Result<json::object> lease(Build& build, const json::object& document) {
  KTL_ASSIGN(StagePlugin * keeper, keeper_of(build));
  json::object wanted = document;
  wanted.erase("members");
  wanted["address"] = "auto";
  const std::string network = builder_network(build.request(), build.plan);
  const std::vector<int64_t> ports = builder_loopback_ports(build.request(), build.plan);
  tell_network(build, network);
  wanted["network"] = network;
  wanted["loopback_ports"] = json::array(ports.begin(), ports.end());
  wanted["options"] = object_of(build.request().options, keeper->identity().id);
  KTL_ASSIGN(json::value made, call(build, Stage::kSolve, *keeper, contracts::kAcquire, wanted));
  if (build.leases.empty()) {
    build.cleanup.push("give the builder back", [&build] { return give_back(build); });
  }
  build.leases.push_back(made.as_object());
  return made.as_object();
}

// What stands around the steps is what was seen around the builder that runs them.
void note_lines(Build& build, const json::object& lease) {
  if (!array_of(lease, "lines").empty()) {
    build.isolation.steps.clear();
  }
  for (const json::value& line : array_of(lease, "lines")) {
    build.isolation.steps.push_back({std::string(text_of(line, "control")),
                                     std::string(text_of(line, "value")),
                                     std::string(text_of(line, "evidence"))});
  }
}

Result<Wanted> look_up(Build& build, const json::object& document, const json::object& member,
                       Address& address) {
  KTL_ASSIGN(address,
             builder::parse_address(std::string(text_of(member, "address")), build.setup().getenv));
  Wanted wanted{member, "external", builder::unfenced_note(address.text)};
  if (address.kind != Address::Kind::kPrivate) {
    return wanted;
  }
  KTL_ASSIGN(const json::object leased, lease(build, document));
  note_lines(build, leased);
  wanted.member["address"] = text_of(leased, "address");
  wanted.kind = text_of(leased, "kind");
  wanted.note = text_of(leased, "note");
  wanted.steps_fenced = bool_of(leased, "steps_fenced");
  KTL_ASSIGN(address,
             builder::parse_address(std::string(text_of(leased, "address")), build.setup().getenv));
  return wanted;
}

builder::TlsFiles tls_of(const Address& address, const json::object& member) {
  builder::TlsFiles tls = address.tls.value_or(builder::TlsFiles());
  auto take = [&](const char* key, std::string& field) {
    const std::string_view given = text_of(member, key);
    field = given.empty() ? field : std::string(given);
  };
  take("cacert", tls.cacert);
  take("cert", tls.cert);
  take("key", tls.key);
  take("servername", tls.server_name);
  return tls;
}

std::string_view transport_of(const Address& address) {
  return address.kind == Address::Kind::kUnix  ? "unix"
         : address.kind == Address::Kind::kTcp ? "tcp"
                                               : "program";
}

json::object reach_of(const Address& address, const Wanted& wanted, size_t node, bool tls) {
  return {{"transport", transport_of(address)},
          {"door", text_of(wanted.member, "address")},
          {"node", static_cast<int64_t>(node)},
          {"path", address.path},
          {"host", address.host},
          {"program", address.command.empty() ? "" : address.command.front()},
          {"tls", tls},
          {"dockerd", address.dockerd},
          {"origin", address.origin},
          {"kind", wanted.kind},
          {"note", wanted.note},
          {"steps_fenced", wanted.steps_fenced}};
}

json::object member_of(const builder::NamedNode& node, const Wanted& wanted, size_t number) {
  const builder::TlsFiles tls = tls_of(node.address, wanted.member);
  const bool asked = !tls.cacert.empty() || !tls.cert.empty() || !tls.server_name.empty();
  const bool secured = node.address.tls.has_value() || asked;
  const std::vector<std::string> own = texts_of(wanted.member, "platforms");
  return {{"address", node.address.text},
          {"platforms", to_array(own.empty() ? node.platforms : own)},
          {"cacert", tls.cacert},
          {"cert", tls.cert},
          {"key", tls.key},
          {"servername", tls.server_name},
          {"reach", reach_of(node.address, wanted, number, secured)}};
}

// One member as it was named may stand for several daemons.
Status follow(Build& build, const json::object& document, const json::object& member,
              json::array& found) {
  Address address;
  KTL_ASSIGN(const Wanted wanted, look_up(build, document, member, address));
  const std::string given = address.text;
  KTL_ASSIGN(std::vector<builder::NamedNode> nodes,
             builder::follow_names(std::move(address), build.setup().getenv));
  if (nodes.size() == 1) {
    nodes.front().address.text = given;
  }
  if (build.setup().admit_builder) {
    build.setup().admit_builder(std::string(text_of(wanted.member, "address")));
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    found.push_back(member_of(nodes[i], wanted, i));
  }
  return {};
}

Status follow_all(Build& build, json::object& document) {
  json::array members = array_of(document, "members");
  if (members.empty()) {
    members.push_back(json::object{{"address", text_of(document, "address")}});
  }
  json::array found;
  for (const json::value& member : members) {
    KTL_TRY(follow(build, document, member.as_object(), found));
  }
  document["members"] = std::move(found);
  return {};
}

}  // namespace

std::vector<std::string> tls_files_of(const Request& request, const builder::Getenv& getenv) {
  std::vector<std::string> files;
  auto document = builder_document(request.builder, request.builders);
  json::array members = document.ok() ? array_of(*document, "members") : json::array();
  if (members.empty()) {
    members.push_back(json::object{{"address", request.builder}});
  }
  for (const json::value& member : members) {
    auto address = builder::parse_address(std::string(text_of(member, "address")), getenv);
    auto nodes = address.ok() ? builder::follow_names(*address, getenv) : address.status();
    for (const builder::NamedNode& node : nodes.ok() ? *nodes : std::vector<builder::NamedNode>()) {
      const builder::TlsFiles tls = tls_of(node.address, member.as_object());
      files.insert(files.end(), {tls.cacert, tls.cert, tls.key});
    }
  }
  std::erase(files, std::string());
  return files;
}

bool drop_leases(Build& build) {
  const bool any = !build.leases.empty();
  static_cast<void>(give_back(build));  // what is gone cannot be given back
  return any;
}

Result<json::object> reach_builder(Build& build) {
  const Request& request = build.request();
  KTL_ASSIGN(json::object document, builder_document(request.builder, request.builders));
  document["registries"] = to_json(request.registries);
  const size_t failures = build.failures().size();
  Status status = follow_all(build, document);
  if (!status.ok()) {
    return build.failures().size() > failures ? status
                                              : build.fail({Stage::kSolve, std::move(status)});
  }
  return document;
}

}  // namespace ktl
