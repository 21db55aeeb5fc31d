#include "host.h"

#include <string.h>
#include <ktl/call.hpp>

#include <array>

namespace ktl::solver {
namespace {

constexpr size_t kMaxSecret = 500U << 10U;
constexpr size_t kMaxCredential = 64U << 10U;
constexpr size_t kMaxReason = 4096;

Status failed(ktl_status code, const std::string& what) { return {static_cast<Code>(code), what}; }

// The table of a service, or the reason why there is none.
template <class Table>
Result<const Table*> table(const Call& call, std::string_view id) {
  const void* found = call.host().get(call.raw(), str(id));
  if (found == nullptr) {
    return Status(Code::kUnimplemented, "this ktl does not offer " + std::string(id));
  }
  return static_cast<const Table*>(found);
}

}  // namespace

void wipe(std::string& value) {
  value.resize(value.capacity());
  explicit_bzero(value.data(), value.size());
  value.clear();
}

CallHost::Loan::Loan(CallHost& host, const Call& call) : host_(host) {
  const std::lock_guard lock(host_.mutex_);
  host_.call_ = &call;
  host_.changed_.notify_all();
}

CallHost::Loan::~Loan() {
  std::unique_lock lock(host_.mutex_);
  host_.call_ = nullptr;
  host_.changed_.wait(lock, [this] { return host_.users_ == 0; });
}

void CallHost::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

// The call that is lent right now, kept from going away.
class CallHost::Use {
 public:
  explicit Use(CallHost& host) : host_(host) {
    std::unique_lock lock(host_.mutex_);
    host_.changed_.wait(lock, [&] { return host_.call_ != nullptr || host_.closed_; });
    call_ = host_.closed_ ? nullptr : host_.call_;
    ++host_.users_;
  }
  ~Use() {
    const std::lock_guard lock(host_.mutex_);
    --host_.users_;
    host_.changed_.notify_all();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  [[nodiscard]] Status status() const {
    return call_ != nullptr ? Status() : Status(Code::kCancelled, "the build was closed");
  }
  const Call& operator*() const { return *call_; }

 private:
  CallHost& host_;
  const Call* call_ = nullptr;
};

Result<UniqueFd> CallHost::open_blob(const std::string& digest) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* content, table<ktl_host_content_v1>(*use, KTL_HOST_CONTENT_ID));
  UniqueFd fd(content->open((*use).raw(), str(digest)));
  if (!fd.valid()) {
    return Status(Code::kNotFound, "ktl's store has no " + digest);
  }
  return fd;
}

Result<int64_t> CallHost::blob_size(const std::string& digest) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* content, table<ktl_host_content_v1>(*use, KTL_HOST_CONTENT_ID));
  const int64_t size = content->size((*use).raw(), str(digest));
  if (size < 0) {
    return Status(Code::kNotFound, "ktl's store has no " + digest);
  }
  return size;
}

Result<UniqueFd> CallHost::create_blob() {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* content, table<ktl_host_content_v1>(*use, KTL_HOST_CONTENT_ID));
  UniqueFd fd(content->create((*use).raw()));
  if (!fd.valid()) {
    return Status(Code::kInternal, "ktl's store could not make a file to receive a blob");
  }
  return fd;
}

Status CallHost::commit_blob(int fd, const std::string& digest) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* content, table<ktl_host_content_v1>(*use, KTL_HOST_CONTENT_ID));
  const ktl_status code = content->commit((*use).raw(), fd, str(digest));
  return code == KTL_OK ? Status()
                        : failed(code, "ktl's store did not take " + digest + " (" +
                                           code_name(static_cast<Code>(code)) + ")");
}

Result<Credentials> CallHost::credentials(const std::string& registry) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* auth, table<ktl_host_auth_v1>(*use, KTL_HOST_AUTH_ID));
  Credentials found{std::string(kMaxCredential, '\0'), std::string(kMaxCredential, '\0')};
  size_t user_size = found.user.size();
  size_t secret_size = found.secret.size();
  const ktl_status code = auth->credentials((*use).raw(), str(registry), found.user.data(),
                                            &user_size, found.secret.data(), &secret_size);
  if (code != KTL_OK) {
    return failed(code, "no credentials for " + registry);
  }
  found.user.resize(user_size);
  found.secret.resize(secret_size);
  return found;
}

Result<RegistryToken> CallHost::token(const std::string& registry, const std::string& scopes) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* auth, table<ktl_host_auth_v1>(*use, KTL_HOST_AUTH_ID));
  RegistryToken found{std::string(kMaxCredential, '\0'), 0};
  size_t size = found.value.size();
  const ktl_status code = auth->token((*use).raw(), str(registry), str(scopes), found.value.data(),
                                      &size, &found.seconds);
  if (code != KTL_OK) {
    return failed(code, "no token of " + registry + " for " + scopes);
  }
  found.value.resize(size);
  return found;
}

Result<std::string> CallHost::secret(const std::string& id) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* secrets, table<ktl_host_secret_v1>(*use, KTL_HOST_SECRET_ID));
  std::string value(kMaxSecret, '\0');
  size_t size = value.size();
  const ktl_status code = secrets->secret((*use).raw(), str(id), value.data(), &size);
  if (code != KTL_OK) {
    return failed(code, "no secret \"" + id + "\"");
  }
  value.resize(size);
  return value;
}

Result<UniqueFd> CallHost::ssh_agent(const std::string& id) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* secrets, table<ktl_host_secret_v1>(*use, KTL_HOST_SECRET_ID));
  UniqueFd fd(secrets->ssh_agent((*use).raw(), str(id)));
  if (!fd.valid()) {
    return Status(Code::kNotFound, "no ssh agent \"" + id + "\"");
  }
  return fd;
}

Result<ProgramLine> CallHost::open_builder(const std::string& address, size_t node) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* builders, table<ktl_host_builder_v1>(*use, KTL_HOST_BUILDER_ID));
  int32_t stream = -1;
  int32_t errors = -1;
  int32_t process = -1;
  const ktl_status code = builders->open((*use).raw(), str(address), static_cast<int32_t>(node),
                                         &stream, &errors, &process);
  if (code != KTL_OK) {
    return failed(code, "ktl could not open the way there");
  }
  return ProgramLine{UniqueFd(stream), UniqueFd(errors), UniqueFd(process)};
}

Result<TerminalLine> CallHost::lend_terminal(const std::string& notice) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* terminals, table<ktl_host_terminal_v1>(*use, KTL_HOST_TERMINAL_ID));
  int32_t stream = -1;
  int32_t sizes = -1;
  const ktl_status code = terminals->lend((*use).raw(), str(notice), &stream, &sizes);
  if (code != KTL_OK) {
    return failed(code, "ktl could not lend the terminal");
  }
  return TerminalLine{UniqueFd(stream), UniqueFd(sizes)};
}

Result<HostAnswer> CallHost::decide(const json::value& question) {
  const Use use(*this);
  KTL_TRY(use.status());
  KTL_ASSIGN(const auto* policies, table<ktl_host_policy_v1>(*use, KTL_HOST_POLICY_ID));
  std::string reason(kMaxReason, '\0');
  size_t size = reason.size();
  int32_t allow = 0;
  const std::string text = json::serialize(question);
  const ktl_status code = policies->decide((*use).raw(), str(text), &allow, reason.data(), &size);
  reason.resize(size);
  if (code != KTL_OK) {
    return failed(code, "it could not be judged: " + reason);
  }
  return HostAnswer{allow == 1, std::move(reason)};
}

}  // namespace ktl::solver
