#include "build.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"
#include "base/clock.h"
#include "services/auth.h"
#include "services/health.h"
#include "services/policy.h"
#include "services/secrets.h"
#include "services/ssh.h"
#include "services/upload.h"
#include "solve_request.h"

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;

// How long the status stream may go on after the solve ended.
constexpr int64_t kStatusGraceNs = 2'000'000'000;
// The same for a solve that was refused before the builder made it known to Status.
constexpr int64_t kStatusUnknownNs = 100'000'000;
constexpr int kIdleMs = 100;

// 128 random bits in hexadecimal: references and session ids must not collide nor be guessed.
std::string random_id() {
  std::array<uint8_t, 16> bytes{};
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::getrandom(bytes.data() + got, bytes.size() - got, 0);
    got += n > 0 ? static_cast<size_t>(n) : 0;
  }
  std::string text;
  for (uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

Result<SharedFolder> open_folder(const json::value& plan, std::string_view key) {
  const json::value* folder = field_of(plan, key);
  const std::string path(folder == nullptr ? "" : text_of(*folder, "dir"));
  Result<UniqueFd> fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) {
    return std::move(fd).status().in("the build's " + std::string(key) + " folder");
  }
  return SharedFolder{*std::move(fd), texts_of(*folder, "exclude")};
}

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Failures of a transfer that began here: a file that cannot be read, a pattern, a bound.
bool is_ours(Code code) {
  return code == Code::kPermissionDenied || code == Code::kInvalidArgument ||
         code == Code::kResourceExhausted || code == Code::kFailedPrecondition;
}

}  // namespace

Result<std::unique_ptr<Build>> Build::make(ControlClient& client, Host& host, json::value plan,
                                           BuilderInfo info, const Ways& ways) {
  std::unique_ptr<Build> build(new Build(client, host, std::move(plan), std::move(info), ways));
  KTL_TRY(build->open_folders());
  KTL_TRY(build->open_layouts());
  const std::string ref = random_id();
  KTL_ASSIGN(build->request_, solve_request(build->plan_, ref, build->session_, ways.staging));
  build->watch();
  if (std::string question = question_of(build->plan_); !question.empty()) {
    build->question_.emplace(std::move(question), build->request_);
  } else {
    KTL_TRY(build->caches_.open(build->plan_, build->request_));
    if (!texts_of(build->plan_, "interactive").empty() || is_fenced(build->plan_)) {
      build->attended_.emplace(build->request_);
    }
  }
  KTL_ASSIGN(build->outputs_, FileOutputs::make(ways.cache, ref, build->plan_));
  for (const std::string& note : build->caches_.notes()) {
    build->mailbox_.post({{"message/1", {{"level", "warn"}, {"text", note}}}});
  }
  return build;
}

Build::Build(ControlClient& client, Host& host, json::value plan, BuilderInfo info,
             const Ways& ways)
    : client_(client),
      host_(host),
      plan_(std::move(plan)),
      info_(std::move(info)),
      ways_(ways),
      session_(random_id()),
      gate_(makes_index(plan_), [this] { mailbox_.wake(); }),
      content_(host, &gate_),
      kept_(ways_.kept, session_),
      kept_blobs_(host),
      kept_content_(kept_blobs_, nullptr) {}

Build::~Build() {
  gate_.abort();
  host_.close();
  mailbox_.close();
  question_.reset();
  attended_.reset();
  solve_.reset();
  status_.reset();
  open_session_.reset();
  caches_.tidy();
}

std::vector<Method> Build::methods() {
  std::vector<Method> all = health_methods();
  append(all, filesync_methods(folders_, [this](const Transfer& t) { transferred(t); }));
  append(all, auth_methods(host_));
  append(all, secret_methods(host_));
  append(all, ssh_methods(host_));
  if (watch_) {
    append(all, policy_methods([this](const Asked& asked) {
             if (recording_) {
               recording_->note(asked);
             }
             return watch_->judge(asked);
           }));
  }
  if (ways_.staging) {
    stores_["export"] = &content_;
  }
  if (kept_.holds()) {
    stores_[std::string("oci:") + kKeptStore] = &kept_content_;
  }
  caches_.share(stores_);
  append(all, content_methods(stores_));
  append(all, filesend_methods(outputs_.targets(), [this](const Transfer& t) { transferred(t); }));
  const json::value* context = field_of(plan_, "context");
  if (context != nullptr && text_of(*context, "kind") == "archive") {
    append(all, upload_methods(ref(), std::string(text_of(*context, "file")),
                               [this](const Transfer& t) { transferred(t); }));
  }
  return all;
}

std::unique_ptr<RemoteCall> Build::start_call(const char* method, std::string message,
                                              std::function<void()> changed) {
  CallSetup setup;
  setup.path = std::string("/moby.buildkit.v1.Control/") + method;
  setup.message = std::move(message);
  setup.changed = std::move(changed);
  return client_.channel().start(std::move(setup));
}

// The folders the plan names: context, Dockerfile, further contexts. An empty name means that only
// the builder reads it.
Status Build::open_folders() {
  for (const char* key : {"context", "dockerfile"}) {
    const json::value* folder = field_of(plan_, key);
    if (folder != nullptr && !text_of(*folder, "dir").empty()) {
      KTL_ASSIGN(folders_[key], open_folder(plan_, key));
    }
  }
  const json::value* contexts = field_of(plan_, "build_contexts");
  if (contexts == nullptr || !contexts->is_object()) {
    return {};
  }
  for (const auto& [name, value] : contexts->as_object()) {
    const std::string path(value.as_string());
    if (path.starts_with('/')) {
      Result<UniqueFd> fd = open_file(path, O_RDONLY | O_DIRECTORY);
      if (!fd.ok()) {
        return std::move(fd).status().in("--build-context " + std::string(name));
      }
      folders_[shared_name(std::string(name))] = SharedFolder{*std::move(fd), {}};
    }
  }
  return {};
}

Status Build::open_layouts() {
  const json::value* contexts = field_of(plan_, "build_contexts");
  if (contexts == nullptr || !contexts->is_object()) {
    return {};
  }
  for (const auto& [name, value] : contexts->as_object()) {
    const std::string text(value.as_string());
    if (!text.starts_with("oci-layout://")) {
      continue;
    }
    KTL_ASSIGN(const LayoutContext layout, layout_context(text));
    KTL_ASSIGN(std::unique_ptr<LayoutBlobs> blobs, LayoutBlobs::open(layout.folder));
    layout_services_.push_back(std::make_unique<ContentService>(*blobs, nullptr));
    layouts_.push_back(std::move(blobs));
    stores_["oci:" + shared_name(std::string(name))] = layout_services_.back().get();
  }
  return {};
}

// All three at once: the builder waits for a session and for a reference it does not know yet.
Status Build::start() {
  const json::value* session = field_of(plan_, "session");
  const std::string key(session == nullptr ? "" : text_of(*session, "shared_key"));
  began_ns_ = system_clock().unix_ns();
  KTL_ASSIGN(open_session_, client_.open_session({session_, key}, methods()));
  solve_ = start_call("Solve", request_.SerializeAsString(), [this] {
    solve_answered_ = true;
    mailbox_.wake();
  });
  v1::StatusRequest status;
  status.set_ref(request_.ref());
  // Progress is for people, until its end is all that the build waits for.
  status_ = start_call("Status", status.SerializeAsString(),
                       [this] { solve_answered_ ? mailbox_.wake() : mailbox_.wake_soon(); });
  if (question_) {
    question_->start(client_.channel(), [this] { mailbox_.wake(); });
  }
  if (attended_) {
    attended_->start(client_.channel(), [this] { mailbox_.wake(); });
  }
  return {};
}

void Build::transferred(const Transfer& transfer) {
  std::vector<Event> events{{"transfer/1",
                             {{"name", transfer.name},
                              {"files", transfer.files},
                              {"bytes", transfer.bytes},
                              {"done", transfer.status.ok()}}}};
  if (is_ours(transfer.status.code())) {
    const std::lock_guard lock(transfer_mutex_);
    transfer_failure_ = transfer_failure_.ok() ? transfer.status : transfer_failure_;
  }
  mailbox_.post(std::move(events));
}

void Build::publish(const TurnContext& context) {
  mailbox_.hush();
  pour(context);
}

// What has come, to who listens.
void Build::pour(const TurnContext& context) {
  for (const Event& event : mailbox_.take()) {
    context.emit(event);
  }
  while (std::optional<std::string> bytes = status_->read()) {
    v1::StatusResponse message;
    if (!message.ParseFromString(*bytes)) {
      status_->cancel();  // progress is for people: the build does not depend on it
      break;
    }
    status_seen_ = true;
    for (Event& event : log_.translate(message)) {
      if (is_genuine(event)) {
        context.emit(event);
      }
    }
    if (watch_) {
      std::vector<std::string> running;
      for (const std::string& vertex : log_.running()) {
        running.push_back(log_.name_of(vertex));
      }
      watch_->set_running(std::move(running));
    }
  }
}

// Takes the solve's last word once it is there.
void Build::settle() {
  outcome_ = solve_->end().value_or(CallEnd());
  v1::SolveResponse response;
  if (const std::optional<std::string> bytes = solve_->read();
      outcome_.status.ok() && (!bytes || !response.ParseFromString(*bytes))) {
    outcome_.status = {Code::kInternal, "the builder's answer to Solve does not parse"};
  }
  metadata_ = Metadata(response.exporterresponse().begin(), response.exporterresponse().end());
  if (question_) {
    metadata_.insert(question_->answer().begin(), question_->answer().end());
  }
}

void Build::limit_status() {
  const std::optional<CallEnd> solved = solve_->end();
  if (!solved || status_->end()) {
    return;
  }
  const int64_t now = system_clock().monotonic_ns();
  if (!status_limit_ns_) {
    const bool known = status_seen_ || solved->status.ok();
    status_limit_ns_ = now + (known ? kStatusGraceNs : kStatusUnknownNs);
  } else if (now >= *status_limit_ns_) {
    status_->cancel();
  }
}

Result<std::optional<json::object>> Build::look(const TurnContext& context) {
  mailbox_.hush();
  if (question_) {
    question_->advance();
  }
  if (attended_) {
    attended_->advance();
    if (attended_->ended() && !shows_steps()) {
      attend(context);
    }
  }
  heed(context);
  const bool ended = over();  // before publish: what came until then is there to be read
  pour(context);
  if (!ended && shows_steps()) {
    return steps_turn();
  }
  std::optional<Root> root = ended ? std::nullopt : gate_.waiting();
  if (!ended && !root) {
    limit_status();
    return std::optional<json::object>();
  }
  KTL_ASSIGN(json::object turn, ended ? last_turn(context) : gate_turn(*root));
  return std::optional(std::move(turn));
}

Result<json::object> Build::next(const TurnContext& context) {
  std::array<pollfd, 2> wait{{{mailbox_.fd(), POLLIN, 0}, {context.cancel_fd, POLLIN, 0}}};
  while (true) {
    KTL_ASSIGN(std::optional<json::object> turn, look(context));
    if (turn) {
      return *std::move(turn);
    }
    ::poll(wait.data(), wait.size(), kIdleMs);
    if (wait[1].revents != 0) {
      stop(context);
      return Status(Code::kCancelled, "the build was cancelled");
    }
  }
}

void Build::stop(const TurnContext& context) {
  gate_.abort();
  solve_->cancel();
  const int64_t limit = system_clock().monotonic_ns() + kStatusGraceNs;
  pollfd wait{mailbox_.fd(), POLLIN, 0};
  while (!over() && system_clock().monotonic_ns() < limit) {
    ::poll(&wait, 1, kIdleMs);
    publish(context);
  }
}

Result<std::string> Build::read_blob(const std::string& digest, size_t limit) {
  KTL_ASSIGN(const UniqueFd fd, host_.open_blob(digest));
  return read_all(fd.get(), limit);
}

Result<json::object> Build::gate_turn(const Root& root) {
  auto read = [this](const std::string& digest, size_t limit) { return read_blob(digest, limit); };
  KTL_ASSIGN(json::object solved, solved_document(plan_, root, {}, read));
  shown_[root.digest] = root;
  return json::object{{"schema", "ktl.turn/1"},
                      {"gate",
                       {{"kind", "root"},
                        {"solved", std::move(solved)},
                        {"root_bytes", base64_encode(root.bytes)}}}};
}

Status Build::resume(bool allow, const std::string& reason) {
  if (steps_shown_ != Shown::kWaits) {
    return gate_.resume(allow, reason);
  }
  steps_shown_ = Shown::kAllowed;
  attended_->finish(allow ? Status() : Status(Code::kAborted, reason));
  return {};
}

}  // namespace ktl::solver
