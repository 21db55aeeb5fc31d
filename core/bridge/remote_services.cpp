#include "core/bridge/remote_services.h"

#include "core/bridge/service_names.h"

namespace ktl::bridge {
namespace {

json::object question(const char* method, std::string_view key = {}, std::string_view value = {}) {
  json::object head{{"method", method}};
  if (!key.empty()) {
    head[key] = valid_utf8(value.substr(0, kMaxServiceText));
  }
  return head;
}

Result<UniqueFd> only_descriptor(Result<Frame> answer) {
  if (!answer.ok()) {
    return std::move(answer).status();
  }
  if (answer->fds.size() != 1) {
    return Status(Code::kInternal, "the answer came without a descriptor");
  }
  return std::move(answer->fds.front());
}

}  // namespace

Result<UniqueFd> RemoteContent::open(std::string_view digest) const {
  return only_descriptor(peer_.ask(question(kContentOpen, "digest", digest)));
}

Result<int64_t> RemoteContent::size(std::string_view digest) const {
  KTL_ASSIGN(Frame answer, peer_.ask(question(kContentSize, "digest", digest)));
  return int_of(answer.head, "size", -1);
}

Result<UniqueFd> RemoteContent::create() const {
  return only_descriptor(peer_.ask(question(kContentCreate)));
}

Status RemoteContent::commit(int fd, std::string_view digest) const {
  return peer_.ask(question(kContentCommit, "digest", digest), {}, {fd}).status();
}

Result<std::optional<oci::Credentials>> RemoteAuth::credentials(std::string_view registry) const {
  KTL_ASSIGN(Frame answer, peer_.ask(question(kAuth, "registry", registry)));
  const json::value* user = field_of(answer.head, "user");
  if (user == nullptr) {
    return std::optional<oci::Credentials>();
  }
  const size_t size =
      std::min(static_cast<size_t>(int_of(answer.head, "user")), answer.body.size());
  const std::string_view both = answer.text();
  return std::optional<oci::Credentials>(
      oci::Credentials(std::string(both.substr(0, size)), std::string(both.substr(size))));
}

Result<oci::Entry> RemoteAuth::entry(std::string_view) const {
  return Status(Code::kUnimplemented, "this process asks no registry");
}

Result<oci::Token> RemoteAuth::token(std::string_view registry,
                                     const std::vector<std::string>& scopes) const {
  json::object head = question(kToken, "registry", registry);
  json::array& list = head["scopes"].emplace_array();
  for (const std::string& scope : scopes) {
    list.emplace_back(valid_utf8(scope));
  }
  KTL_ASSIGN(Frame answer, peer_.ask(head));
  return oci::Token(std::string(answer.text()), int_of(answer.head, "seconds"));
}

Result<SecretBytes> RemoteSecrets::value(std::string_view id) const {
  KTL_ASSIGN(Frame answer, peer_.ask(question(kSecret, "id", id)));
  return SecretBytes(std::exchange(answer.body, {}));
}

Result<UniqueFd> RemoteSecrets::connect_agent(std::string_view id) const {
  return only_descriptor(peer_.ask(question(kAgent, "id", id)));
}

Result<UniqueFd> RemoteFiles::open(std::string_view path) const {
  return only_descriptor(peer_.ask(question(kFileOpen, "path", path)));
}

Status RemoteFiles::replace(std::string_view path, std::string_view bytes) const {
  return peer_.ask(question(kFileReplace, "path", path), bytes).status();
}

Status RemotePolicy::decide(std::string_view asker, const json::value& asked) const {
  return peer_.ask(question(kPolicy, "plugin", asker), json::serialize(asked)).status();
}

Result<BuilderLine> RemoteBuilders::open(std::string_view builder, size_t node) const {
  json::object head = question(kBuilder, "address", builder);
  head["node"] = static_cast<int64_t>(node);
  KTL_ASSIGN(Frame answer, peer_.ask(head));
  if (answer.fds.size() != 3) {
    return Status(Code::kInternal, "the answer came without its descriptors");
  }
  return BuilderLine{std::move(answer.fds[0]), std::move(answer.fds[1]), std::move(answer.fds[2])};
}

Result<TerminalLine> RemoteTerminal::lend(std::string_view notice) {
  KTL_ASSIGN(Frame answer, peer_.ask(question(kTerminal, "notice", notice)));
  if (answer.fds.size() != 2) {
    return Status(Code::kInternal, "the answer came without its descriptors");
  }
  return TerminalLine{std::move(answer.fds[0]), std::move(answer.fds[1])};
}

Status ask_to_redact(Peer& peer, std::string_view value) {
  return peer.ask(question(kRedact), value, {}, true).status();
}

}  // namespace ktl::bridge
