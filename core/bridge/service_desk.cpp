#include "core/bridge/service_desk.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "core/bridge/service_names.h"
#include "core/document/schemas.h"

namespace ktl::bridge {
namespace {

constexpr size_t kMaxCreated = 4096;

Status not_offered(const std::string& what) {
  return {Code::kUnimplemented, what + " is not offered to this process"};
}

}  // namespace

struct ServiceDesk::Question {
  uint64_t id = 0;
  std::string method;
  std::string what;                 // the digest, registry, id, path, plugin, address or notice
  std::vector<std::string> scopes;  // of a token
  int64_t node = 0;                 // of a builder
  Frame call;

  // Answers with a failure, or with a descriptor.
  void fail(Peer& peer, const Status& status) const {
    static_cast<void>(peer.answer(id, head_of(status)));
  }
  void give(Peer& peer, const Result<UniqueFd>& fd) const {
    if (!fd.ok()) {
      return fail(peer, fd.status());
    }
    static_cast<void>(peer.answer(id, head_of({}), {}, {fd->get()}));
  }
};

// One row for each method: the field that says what is asked for, what comes with it, who answers,
// and whether the host has it at all.
struct ServiceDesk::Service {
  enum class Body { kNone, kSome, kAny };

  std::string_view method;
  std::string_view key;  // empty: none
  Body body;
  size_t fds;
  void (ServiceDesk::*answerer)(Question&, Peer&);
  bool (*offered)(const Host&);

  [[nodiscard]] bool takes(const Frame& call) const {
    return call.fds.size() == fds &&
           (body == Body::kAny || call.body.empty() == (body == Body::kNone));
  }
};

const ServiceDesk::Service* ServiceDesk::service_of(std::string_view method) {
  using Desk = ServiceDesk;
  using Body = Service::Body;
  static constexpr auto kContent = [](const Host& host) { return host.content != nullptr; };
  static constexpr auto kAuthOf = [](const Host& host) { return host.auth != nullptr; };
  static constexpr auto kSecrets = [](const Host& host) { return host.secrets != nullptr; };
  static constexpr auto kFiles = [](const Host& host) { return host.files != nullptr; };
  static constexpr auto kPolicies = [](const Host& host) { return host.policy != nullptr; };
  static constexpr auto kBuilders = [](const Host& host) { return host.builders != nullptr; };
  static constexpr auto kTerminals = [](const Host& host) { return host.terminal != nullptr; };
  static constexpr auto kRedacts = [](const Host& host) { return static_cast<bool>(host.redact); };
  static constexpr std::array<Service, 14> kServices = {{
      {kContentOpen, "digest", Body::kNone, 0, &Desk::content_open, kContent},
      {kContentSize, "digest", Body::kNone, 0, &Desk::content_size, kContent},
      {kContentCreate, "", Body::kNone, 0, &Desk::content_create, kContent},
      {kContentCommit, "digest", Body::kNone, 1, &Desk::content_commit, kContent},
      {kAuth, "registry", Body::kNone, 0, &Desk::credentials, kAuthOf},
      {kToken, "registry", Body::kNone, 0, &Desk::token, kAuthOf},
      {kSecret, "id", Body::kNone, 0, &Desk::secret, kSecrets},
      {kAgent, "id", Body::kNone, 0, &Desk::agent, kSecrets},
      {kRedact, "", Body::kSome, 0, &Desk::redact, kRedacts},
      {kFileOpen, "path", Body::kNone, 0, &Desk::file_open, kFiles},
      {kFileReplace, "path", Body::kAny, 0, &Desk::file_replace, kFiles},
      {kPolicy, "plugin", Body::kSome, 0, &Desk::policy, kPolicies},
      {kBuilder, "address", Body::kNone, 0, &Desk::builder, kBuilders},
      {kTerminal, "notice", Body::kNone, 0, &Desk::terminal, kTerminals},
  }};
  const auto* found = std::ranges::find(kServices, method, &Service::method);
  return found == kServices.end() ? nullptr : found;
}

Status ServiceDesk::take(Frame call, Peer& peer) {
  Fields fields(call.head);
  auto question = std::make_shared<Question>();
  question->id = call.id;
  question->method = fields.text("method", kMaxName);
  const Service* service = service_of(question->method);
  if (service == nullptr || !service->takes(call)) {
    return {Code::kDataLoss, "a broken message: it asks for " + question->method};
  }
  if (!service->key.empty()) {
    question->what = fields.text(service->key, kMaxServiceText);
  }
  if (service->method == kToken) {
    question->scopes = fields.texts("scopes", kMaxScopes);
  }
  if (service->method == kBuilder) {
    question->node = fields.number("node");
  }
  KTL_TRY(fields.done());
  question->call = std::move(call);
  pool_.post([this, service, question, &peer] {
    if (service->offered(*host_)) {
      (this->*service->answerer)(*question, peer);
    } else {
      question->fail(peer, not_offered(question->method));
    }
  });
  return {};
}

void ServiceDesk::content_open(Question& question, Peer& peer) {
  question.give(peer, host_->content->open(question.what));
}

void ServiceDesk::content_size(Question& question, Peer& peer) {
  auto size = host_->content->size(question.what);
  if (!size.ok()) {
    return question.fail(peer, size.status());
  }
  static_cast<void>(peer.answer(question.id, {{"code", 0}, {"size", *size}}));
}

void ServiceDesk::content_create(Question& question, Peer& peer) {
  auto file = host_->content->create();
  struct stat about{};
  if (file.ok() && ::fstat(file->get(), &about) == 0) {
    const std::lock_guard lock(mutex_);
    created_.emplace(about.st_dev, about.st_ino);
    if (created_.size() > kMaxCreated) {
      file = Status(Code::kResourceExhausted, "too many blobs are being written at once");
    }
  }
  question.give(peer, file);
}

// Whatever else it may be, only a file of ours gets a name in the store.
Status ServiceDesk::forget(int fd) {
  struct stat about{};
  if (::fstat(fd, &about) != 0) {
    return errno_status("fstat", errno);
  }
  const std::lock_guard lock(mutex_);
  return created_.erase({about.st_dev, about.st_ino}) == 1
             ? Status()
             : Status(Code::kPermissionDenied, "the blob was not written into a file of the store");
}

void ServiceDesk::content_commit(Question& question, Peer& peer) {
  const int fd = question.call.fds.front().get();
  Status status = forget(fd);
  if (status.ok()) {
    status = host_->content->commit(fd, question.what);
  }
  question.fail(peer, status);
}

void ServiceDesk::credentials(Question& question, Peer& peer) {
  auto found = host_->auth->credentials(question.what);
  if (!found.ok()) {
    return question.fail(peer, found.status());
  }
  if (!found->has_value()) {
    return question.fail(peer, {});
  }
  std::string both = (*found)->user() + (*found)->secret();
  json::object head{{"code", 0}, {"user", static_cast<int64_t>((*found)->user().size())}};
  static_cast<void>(peer.answer(question.id, head, both, {}, true));
  oci::Credentials::wipe(both);
}

void ServiceDesk::secret(Question& question, Peer& peer) {
  auto value = host_->secrets->value(question.what);
  if (!value.ok()) {
    return question.fail(peer, value.status());
  }
  static_cast<void>(peer.answer(question.id, head_of({}), value->view(), {}, true));
}

void ServiceDesk::agent(Question& question, Peer& peer) {
  question.give(peer, host_->secrets->connect_agent(question.what));
}

void ServiceDesk::redact(Question& question, Peer& peer) {
  question.fail(peer, host_->redact(question.call.text()));
}

void ServiceDesk::token(Question& question, Peer& peer) {
  auto token = host_->auth->token(question.what, question.scopes);
  if (!token.ok()) {
    return question.fail(peer, token.status());
  }
  json::object head{{"code", 0}, {"seconds", token->seconds()}};
  static_cast<void>(peer.answer(question.id, head, token->value(), {}, true));
}

void ServiceDesk::file_open(Question& question, Peer& peer) {
  question.give(peer, host_->files->open(question.what));
}

void ServiceDesk::file_replace(Question& question, Peer& peer) {
  question.fail(peer, host_->files->replace(question.what, question.call.text()));
}

// Judged here once more: who asks is not trusted to have done it.
void ServiceDesk::policy(Question& question, Peer& peer) {
  auto asked = parse_json(question.call.text(), Frame::kMaxBody);
  Status status = asked.ok() ? check_document("question-1", *asked) : asked.status();
  question.fail(peer, status.ok() ? host_->policy->decide(question.what, *asked) : status);
}

void ServiceDesk::builder(Question& question, Peer& peer) {
  auto line = host_->builders->open(question.what, static_cast<size_t>(question.node));
  if (!line.ok()) {
    return question.fail(peer, line.status());
  }
  static_cast<void>(peer.answer(question.id, head_of({}), {},
                                {line->stream.get(), line->errors.get(), line->process.get()}));
}

void ServiceDesk::terminal(Question& question, Peer& peer) {
  auto line = host_->terminal->lend(question.what);
  if (!line.ok()) {
    return question.fail(peer, line.status());
  }
  static_cast<void>(
      peer.answer(question.id, head_of({}), {}, {line->stream.get(), line->sizes.get()}));
}

}  // namespace ktl::bridge
