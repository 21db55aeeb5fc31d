#include "core/pipeline/builder_choice.h"

#include <algorithm>

#include "core/document/fields.h"
#include "core/pipeline/platform.h"

namespace ktl {
namespace {

constexpr std::string_view kPlatforms = ";platforms=";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!part.empty()) {
      parts.emplace_back(part);
    }
  }
  return parts;
}

const BuilderRule* rule_of(const std::string& name, const std::vector<BuilderRule>& rules) {
  auto found = std::ranges::find(rules, name, &BuilderRule::name);
  return found == rules.end() ? nullptr : &*found;
}

// The daemons of one word; `plain` stays true for an address that says nothing else.
Result<std::vector<BuilderMember>> members_of(const std::string& word,
                                              const std::vector<BuilderRule>& rules, bool& plain) {
  const size_t cut = word.find(kPlatforms);
  BuilderMember member;
  member.address = word.substr(0, cut);
  if (cut != std::string::npos) {
    member.platforms = split(std::string_view(word).substr(cut + kPlatforms.size()), ',');
  }
  plain = plain && cut == std::string::npos;
  const BuilderRule* rule = rule_of(member.address, rules);
  if (rule == nullptr) {
    return std::vector<BuilderMember>{std::move(member)};
  }
  if (cut != std::string::npos) {
    return Status(Code::kInvalidArgument, "--builder " + word + ": the platforms of " + rule->name +
                                              " stand at " + rule->origin)
        .advise("change them there, or write the address instead of the name");
  }
  plain = false;
  return rule->members;
}

Result<json::object> document_of(const BuilderMember& member) {
  auto platforms = normalise_platforms(member.platforms);
  if (!platforms.ok()) {
    return std::move(platforms).status().in("builder " + member.address);
  }
  return json::object{{"address", member.address}, {"platforms", to_array(*platforms)},
                      {"cacert", member.cacert},   {"cert", member.cert},
                      {"key", member.key},         {"servername", member.servername}};
}

}  // namespace

Result<json::object> builder_document(const std::string& builder,
                                      const std::vector<BuilderRule>& rules) {
  json::object document{{"schema", "ktl.builder/1"}, {"address", builder}, {"start", true}};
  const std::vector<std::string> words = split(builder, '\n');
  bool plain = words.size() == 1;
  json::array members;
  for (const std::string& word : words) {
    KTL_ASSIGN(const std::vector<BuilderMember> found, members_of(word, rules, plain));
    for (const BuilderMember& member : found) {
      KTL_ASSIGN(json::object one, document_of(member));
      members.push_back(std::move(one));
    }
  }
  if (!plain) {
    document["members"] = std::move(members);
  }
  return document;
}

}  // namespace ktl
