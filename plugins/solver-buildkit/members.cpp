#include "members.h"

#include <algorithm>

#include "builders/named.h"
#include "control/connect.h"
#include "control/missing.h"

namespace ktl::solver {
namespace {

Status explained(Status status, const builder::Address& address) {
  if (status.code() == Code::kInvalidArgument || status.code() == Code::kCancelled) {
    return status;
  }
  const std::string next = status.next();
  return Status(Code::kUnavailable, address.origin + ": no BuildKit answers at " + address.text +
                                        ": " + status.message())
      .advise(next.empty() ? "see `ktl doctor`, or leave --builder out to use the private builder"
                           : next);
}

builder::TlsFiles tls_of(const json::value& member) {
  return {std::string(text_of(member, "cacert")), std::string(text_of(member, "cert")),
          std::string(text_of(member, "key")), std::string(text_of(member, "servername"))};
}

void add_tls(const builder::TlsFiles& more, builder::Address& address) {
  if (more.cacert.empty() && more.cert.empty() && more.server_name.empty()) {
    return;
  }
  builder::TlsFiles& tls = address.tls ? *address.tls : address.tls.emplace();
  auto take = [](const std::string& from, std::string& to) { to = from.empty() ? to : from; };
  take(more.cacert, tls.cacert);
  take(more.cert, tls.cert);
  take(more.key, tls.key);
  take(more.server_name, tls.server_name);
}

Result<Member> connect_to(const Reach& reach, std::vector<std::string> platforms, Host& host,
                          const Cancelled& cancelled) {
  const OpenProgram open = [&host, door = reach.door, node = reach.node] {
    return host.open_builder(door, node);
  };
  Member member{.address = reach.there,
                .kind = reach.kind,
                .note = reach.note,
                .steps_fenced = reach.steps_fenced,
                .platforms = std::move(platforms)};
  auto client = solver::connect(reach.there, open, cancelled);
  Result<BuilderInfo> info = client.ok() ? (*client)->info() : client.status();
  if (!info.ok()) {
    return explained(std::move(info).status(), reach.there);
  }
  member.info = *std::move(info);
  member.client = *std::move(client);
  return member;
}

// Of an address that nobody has followed yet.
Result<std::vector<MemberWish>> follow(const MemberWish& wish, const builder::Getenv& getenv) {
  KTL_ASSIGN(builder::Address address, builder::parse_address(wish.address, getenv));
  if (address.kind == builder::Address::Kind::kPrivate) {
    return Status(Code::kInvalidArgument, "the private builder has not been started for this");
  }
  add_tls(wish.tls, address);
  KTL_ASSIGN(const std::vector<builder::NamedNode> nodes, builder::follow_names(address, getenv));
  std::vector<MemberWish> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    found.push_back({wish.address,
                     wish.platforms.empty() ? nodes[i].platforms : wish.platforms,
                     {},
                     Reach{nodes[i].address, wish.address, i, "external",
                           builder::unfenced_note(address.text), false}});
  }
  if (nodes.size() == 1) {
    found.front().reach->there.text = address.text;  // as it was given
  }
  return found;
}

builder::Address there(const json::value& reach, const json::value& member) {
  using Kind = builder::Address::Kind;
  const std::string_view transport = text_of(reach, "transport");
  builder::Address address;
  address.kind = transport == "unix"  ? Kind::kUnix
                 : transport == "tcp" ? Kind::kTcp
                                      : Kind::kCommand;
  address.text = text_of(member, "address");
  address.origin = text_of(reach, "origin");
  address.path = text_of(reach, "path");
  address.host = text_of(reach, "host");
  address.dockerd = bool_of(reach, "dockerd");
  address.command = {std::string(text_of(reach, "program"))};
  if (bool_of(reach, "tls")) {
    address.tls = tls_of(member);
  }
  return address;
}

std::optional<Reach> reach_of(const json::value& member) {
  const json::value* reach = field_of(member, "reach");
  if (reach == nullptr) {
    return std::nullopt;
  }
  return Reach{there(*reach, member),
               std::string(text_of(*reach, "door")),
               static_cast<size_t>(int_of(*reach, "node", 0)),
               std::string(text_of(*reach, "kind")),
               std::string(text_of(*reach, "note")),
               bool_of(*reach, "steps_fenced")};
}

json::object features_of(const Member& member) {
  json::array missing;
  for (const Missing& each : missing_features(member.info)) {
    missing.push_back({{"feature", each.feature}, {"cost", each.cost}});
  }
  const std::vector<std::string>& platforms = member.info.platforms;
  return {{"schema", "ktl.features/1"},
          {"address", member.address.text},
          {"kind", member.kind},
          {"version", member.info.version},
          {"platforms", json::array(platforms.begin(), platforms.end())},
          {"missing", std::move(missing)},
          {"steps_fenced", member.steps_fenced},
          {"note", member.note}};
}

// How well a member builds for a platform: the smaller, the better.
int distance(const Member& member, const std::string& platform) {
  auto has = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), platform) != list.end();
  };
  if (has(member.platforms)) {
    return 0;
  }
  if (!member.info.platforms.empty() && member.info.platforms.front() == platform) {
    return member.platforms.empty() ? 1 : 2;
  }
  return has(member.info.platforms) ? 3 : 4;
}

}  // namespace

std::vector<MemberWish> wishes_of(const json::value& document) {
  std::vector<MemberWish> wishes;
  const json::value* members = field_of(document, "members");
  if (members != nullptr && members->is_array()) {
    for (const json::value& each : members->get_array()) {
      wishes.push_back({.address = std::string(text_of(each, "address")),
                        .platforms = texts_of(each, "platforms"),
                        .tls = tls_of(each),
                        .reach = reach_of(each)});
    }
  }
  if (wishes.empty()) {
    const std::string_view builder = text_of(document, "builder", "auto");  // as ktl.check/1 has it
    wishes.push_back({std::string(text_of(document, "address", builder)), {}, {}, {}});
  }
  return wishes;
}

Result<std::vector<Member>> join_members(const std::vector<MemberWish>& wishes,
                                         const builder::Getenv& getenv, Host& host,
                                         const Cancelled& cancelled) {
  std::vector<Member> members;
  for (const MemberWish& wish : wishes) {
    KTL_ASSIGN(const std::vector<MemberWish> all,
               wish.reach ? Result<std::vector<MemberWish>>({wish}) : follow(wish, getenv));
    for (const MemberWish& one : all) {
      KTL_ASSIGN(Member member, connect_to(*one.reach, one.platforms, host, cancelled));
      members.push_back(std::move(member));
    }
  }
  return members;
}

json::object features_of(const std::vector<Member>& members) {
  json::object all = features_of(members.front());
  if (members.size() == 1) {
    return all;
  }
  json::array each;
  std::string address;
  std::string note;
  json::array& platforms = all["platforms"].as_array();
  for (const Member& member : members) {
    address += (address.empty() ? "" : ", ") + member.address.text;
    note += (note.empty() ? "" : "; ") + member.note;
    for (const std::string& platform : member.info.platforms) {
      if (std::find(platforms.begin(), platforms.end(), json::value(platform)) == platforms.end()) {
        platforms.emplace_back(platform);
      }
    }
    each.emplace_back(features_of(member));
  }
  all["address"] = address;
  all["kind"] = "external";
  all["note"] = note;
  all["members"] = std::move(each);
  return all;
}

std::vector<Share> share_out(const std::vector<std::string>& platforms,
                             const std::vector<Member>& members) {
  if (platforms.empty()) {
    return {Share{}};
  }
  std::vector<Share> all(members.size());
  for (const std::string& platform : platforms) {
    const auto best =
        std::min_element(members.begin(), members.end(), [&](const Member& a, const Member& b) {
          return distance(a, platform) < distance(b, platform);
        });
    const auto place = static_cast<size_t>(best - members.begin());
    all[place].member = place;
    all[place].platforms.push_back(platform);
  }
  std::erase_if(all, [](const Share& share) { return share.platforms.empty(); });
  return all;
}

}  // namespace ktl::solver
