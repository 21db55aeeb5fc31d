#include "core/bridge/service_desk.h"

#include <sys/stat.h>

#include <array>

#include "core/bridge/service_names.h"

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
  std::string what;  // the digest, registry or id
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

ServiceDesk::Answerer ServiceDesk::answerer_of(std::string_view method) {
  struct Row {
    std::string_view method;
    Answerer answerer;
  };
  static constexpr std::array<Row, 8> kRows = {{{kContentOpen, &ServiceDesk::content_open},
                                                {kContentSize, &ServiceDesk::content_size},
                                                {kContentCreate, &ServiceDesk::content_create},
                                                {kContentCommit, &ServiceDesk::content_commit},
                                                {kAuth, &ServiceDesk::credentials},
                                                {kSecret, &ServiceDesk::secret},
                                                {kAgent, &ServiceDesk::agent},
                                                {kRedact, &ServiceDesk::redact}}};
  for (const Row& row : kRows) {
    if (row.method == method) {
      return row.answerer;
    }
  }
  return nullptr;
}

Status ServiceDesk::take(Frame call, Peer& peer) {
  Fields fields(call.head);
  auto question = std::make_shared<Question>();
  question->id = call.id;
  question->method = fields.text("method", kMaxName);
  const bool content = question->method.starts_with("content.");
  const char* key = question->method == kAuth ? "registry" : content ? "digest" : "id";
  const bool redacts = question->method == kRedact;
  if (question->method != kContentCreate && !redacts) {
    question->what = fields.text(key, kMaxServiceText);
  }
  KTL_TRY(fields.done());
  question->call = std::move(call);
  const Answerer answerer = answerer_of(question->method);
  const bool commits = question->method == kContentCommit;
  if (answerer == nullptr || question->call.fds.size() != (commits ? 1U : 0U) ||
      question->call.body.empty() == redacts) {
    return {Code::kDataLoss, "a broken message: it asks for " + question->method};
  }
  if (!offers(question->method)) {
    pool_.post([question, &peer] { question->fail(peer, not_offered(question->method)); });
    return {};
  }
  pool_.post([this, answerer, question, &peer] { (this->*answerer)(*question, peer); });
  return {};
}

bool ServiceDesk::offers(std::string_view method) const {
  if (method == kRedact) {
    return static_cast<bool>(host_->redact);
  }
  if (method == kAuth) {
    return host_->auth != nullptr;
  }
  return method.starts_with("content.") ? host_->content != nullptr : host_->secrets != nullptr;
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

}  // namespace ktl::bridge
