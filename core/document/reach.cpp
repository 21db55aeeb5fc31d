#include "core/document/reach.h"

#include "core/document/fields.h"

namespace ktl {
namespace {

json::object to_json(const BuilderMember& member) {
  return {{"address", member.address}, {"platforms", to_array(member.platforms)},
          {"cacert", member.cacert},   {"cert", member.cert},
          {"key", member.key},         {"servername", member.servername}};
}

BuilderMember member_from_json(const json::value& member) {
  return {.address = std::string(text_of(member, "address")),
          .platforms = texts_of(member, "platforms"),
          .cacert = std::string(text_of(member, "cacert")),
          .cert = std::string(text_of(member, "cert")),
          .key = std::string(text_of(member, "key")),
          .servername = std::string(text_of(member, "servername"))};
}

}  // namespace

json::array to_json(const std::vector<BuilderRule>& rules) {
  json::array out;
  for (const BuilderRule& rule : rules) {
    json::array members;
    for (const BuilderMember& member : rule.members) {
      members.emplace_back(to_json(member));
    }
    out.emplace_back(json::object{
        {"name", rule.name}, {"members", std::move(members)}, {"origin", rule.origin}});
  }
  return out;
}

std::vector<BuilderRule> builders_from_json(const json::array& rules) {
  std::vector<BuilderRule> out;
  for (const json::value& rule : rules) {
    BuilderRule one{.name = std::string(text_of(rule, "name")),
                    .members = {},
                    .origin = std::string(text_of(rule, "origin"))};
    for (const json::value& member : array_of(rule, "members")) {
      one.members.push_back(member_from_json(member));
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace ktl
