#include "members.h"

#include <algorithm>

#include "builders/named.h"
#include "control/connect.h"
#include "control/missing.h"

namespace ktl::solver {
namespace {

constexpr int kAttempts = 3;

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

Result<Member> reach(const builder::NamedNode& node, const OpenProgram& open,
                     const Cancelled& cancelled) {
  Member member{.builder = {}, .address = node.address, .platforms = node.platforms};
  auto client = solver::connect(node.address, open, cancelled);
  Result<BuilderInfo> info = client.ok() ? (*client)->info() : client.status();
  if (!info.ok()) {
    return explained(std::move(info).status(), node.address);
  }
  member.info = *std::move(info);
  member.client = *std::move(client);
  return member;
}

Result<std::vector<Member>> join_once(const builder::BuilderRequest& request,
                                      const MemberWish& wish, const builder::Caller& caller,
                                      Host& host, const Cancelled& cancelled, bool& own) {
  KTL_ASSIGN(builder::Builder builder, builder::resolve_builder(request, caller));
  own = builder.kind == "private";
  KTL_ASSIGN(builder::Address address, builder::parse_address(builder.address, request.getenv));
  add_tls(wish.tls, address);
  KTL_ASSIGN(const std::vector<builder::NamedNode> nodes,
             builder::follow_names(address, request.getenv));
  std::vector<Member> members;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const OpenProgram open = [&host, name = builder.address, i] {
      return host.open_builder(name, i);
    };
    KTL_ASSIGN(Member member, reach(nodes[i], open, cancelled));
    member.builder = {builder.address, builder.kind, builder.note, builder.steps_fenced,
                      UniqueFd()};
    member.platforms = wish.platforms.empty() ? std::move(member.platforms) : wish.platforms;
    members.push_back(std::move(member));
  }
  members.front().builder.lock = std::move(builder.lock);
  if (nodes.size() == 1) {
    members.front().address.text = address.text;  // as it was given
  }
  return members;
}

json::object features_of(const Member& member) {
  json::array missing;
  for (const Missing& each : missing_features(member.info)) {
    missing.push_back({{"feature", each.feature}, {"cost", each.cost}});
  }
  const std::vector<std::string>& platforms = member.info.platforms;
  return {{"schema", "ktl.features/1"},
          {"address", member.address.text},
          {"kind", member.builder.kind},
          {"version", member.info.version},
          {"platforms", json::array(platforms.begin(), platforms.end())},
          {"missing", std::move(missing)},
          {"steps_fenced", member.builder.steps_fenced},
          {"note", member.builder.note}};
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
      wishes.push_back(
          {.address = std::string(text_of(each, "address")),
           .platforms = texts_of(each, "platforms"),
           .tls = {std::string(text_of(each, "cacert")), std::string(text_of(each, "cert")),
                   std::string(text_of(each, "key")), std::string(text_of(each, "servername"))}});
    }
  }
  if (wishes.empty()) {
    const std::string_view builder = text_of(document, "builder", "auto");  // as ktl.check/1 has it
    wishes.push_back({std::string(text_of(document, "address", builder)), {}, {}});
  }
  return wishes;
}

Result<std::vector<Member>> join_members(const builder::BuilderRequest& request,
                                         const std::vector<MemberWish>& wishes,
                                         const builder::Caller& caller, Host& host,
                                         const Cancelled& cancelled) {
  std::vector<Member> members;
  for (const MemberWish& wish : wishes) {
    builder::BuilderRequest one = request;
    one.address = wish.address;
    // A private builder may be killed right after it was found; the next one is as good.
    bool own = true;
    Result<std::vector<Member>> joined = Status();
    for (int attempt = 0; attempt < kAttempts && own && !joined.ok(); ++attempt) {
      own = false;
      joined = join_once(one, wish, caller, host, cancelled, own);
    }
    KTL_TRY(joined.status());
    std::move(joined->begin(), joined->end(), std::back_inserter(members));
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
    note += (note.empty() ? "" : "; ") + member.builder.note;
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
