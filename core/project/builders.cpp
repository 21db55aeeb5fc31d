#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "core/document/schema_rules.h"
#include "core/project/reach.h"

namespace ktl {
namespace {

constexpr std::array<std::string_view, 7> kSchemes = {
    "unix://", "tcp://",      "docker-container://", "docker://",
    "ssh://",  "kube-pod://", "podman-container://"};
// Words that --builder knows itself.
constexpr std::array<std::string_view, 2> kTaken = {"auto", "docker"};

bool has_scheme(std::string_view address) {
  return std::ranges::any_of(kSchemes, [&](auto scheme) { return address.starts_with(scheme); });
}

// "user:password@": a password in the part of an address that names the host.
bool has_password(std::string_view address) {
  auto start = address.find("://");
  start = start == std::string_view::npos ? 0 : start + 3;
  auto at = address.substr(0, address.find('/', start)).find('@', start);
  auto colon = address.find(':', start);
  return at != std::string_view::npos && colon < at;
}

class Reader {
 public:
  Reader(const ProjectSource& source, const json::object& all) : source_(source), all_(all) {}

  Result<BuilderRule> rule(std::string_view name, const json::value& mapping) const {
    const std::string pointer = pointer_of(name);
    BuilderRule rule{.name = std::string(name), .members = {}, .origin = source_.place(pointer)};
    if (std::ranges::find(kTaken, name) != kTaken.end() ||
        name.find_first_of(":/;, ") != std::string_view::npos || name.empty()) {
      return source_.fault(pointer, "\"" + rule.name + "\" is no name for a builder")
          .advise("--builder " + rule.name + " would mean something else");
    }
    bool pool = field_of(mapping, "pool") != nullptr;
    if (pool != (field_of(mapping, "address") == nullptr)) {
      return source_.fault(pointer, "a builder has either an address or a pool");
    }
    if (!pool) {
      KTL_ASSIGN(BuilderMember one, member(pointer, mapping));
      rule.members.push_back(std::move(one));
      return rule;
    }
    KTL_ASSIGN(rule.members, members(pointer, mapping));
    return rule;
  }

 private:
  [[nodiscard]] static std::string pointer_of(std::string_view name) {
    return "/builders" + pointer_step(name);
  }

  Result<BuilderMember> member(const std::string& pointer, const json::value& mapping) const {
    BuilderMember member{.address = std::string(text_of(mapping, "address")),
                         .platforms = texts_of(mapping, "platforms"),
                         .cacert = "",
                         .cert = "",
                         .key = "",
                         .servername = std::string(text_of(mapping, "servername"))};
    if (!has_scheme(member.address) && std::ranges::find(kTaken, member.address) == kTaken.end()) {
      return source_.fault(pointer + "/address", "this address names no kind of builder")
          .advise(
              "begin with unix://, tcp://, ssh://, docker-container:// or kube-pod://, or "
              "write docker");
    }
    if (has_password(member.address)) {
      return source_.fault(pointer + "/address", "a file is no place for a builder's password");
    }
    KTL_TRY(take_file(pointer, mapping, "cacert", member.cacert));
    KTL_TRY(take_file(pointer, mapping, "cert", member.cert));
    KTL_TRY(take_file(pointer, mapping, "key", member.key));
    bool tls = !member.cacert.empty() || !member.cert.empty() || !member.servername.empty();
    if (tls && !member.address.starts_with("tcp://")) {
      return source_.fault(pointer, "only a builder at tcp:// speaks TLS");
    }
    if (member.cert.empty() != member.key.empty()) {
      return source_.fault(pointer, "cert and key belong together: give both or none");
    }
    return member;
  }

  Status take_file(const std::string& pointer, const json::value& mapping, std::string_view key,
                   std::string& into) const {
    if (field_of(mapping, key) == nullptr) {
      return {};
    }
    into = source_.absolute(text_of(mapping, key));
    return source_.check_file(pointer + pointer_step(key), into);
  }

  Result<std::vector<BuilderMember>> members(const std::string& pointer,
                                             const json::value& mapping) const {
    std::vector<BuilderMember> members;
    std::vector<std::string> names = texts_of(mapping, "pool");
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string here = pointer + "/pool/" + std::to_string(i);
      const json::value* other = all_.if_contains(names[i]);
      if (other == nullptr) {
        return source_.fault(here, "there is no builder " + names[i]).advise(near(names[i]));
      }
      if (field_of(*other, "pool") != nullptr) {
        return source_.fault(here, names[i] + " is a pool itself")
            .advise("name the builders behind it");
      }
      KTL_ASSIGN(BuilderMember one, member(pointer_of(names[i]), *other));
      members.push_back(std::move(one));
    }
    return members.empty() ? source_.fault(pointer + "/pool", "a pool needs a builder")
                           : Result<std::vector<BuilderMember>>(std::move(members));
  }

  [[nodiscard]] std::string near(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto& each : all_) {
      known.emplace_back(each.key());
    }
    return did_you_mean(name, known);
  }

  const ProjectSource& source_;
  const json::object& all_;
};

}  // namespace

Result<std::vector<BuilderRule>> read_builders(const ProjectSource& source,
                                               const json::value& document) {
  std::vector<BuilderRule> rules;
  const json::value* all = field_of(document, "builders");
  if (all == nullptr) {
    return rules;
  }
  Reader reader(source, all->get_object());
  for (const auto& member : all->get_object()) {
    KTL_ASSIGN(BuilderRule rule, reader.rule(member.key(), member.value()));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace ktl
