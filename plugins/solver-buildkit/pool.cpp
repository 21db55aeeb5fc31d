#include "pool.h"

#include <poll.h>

#include <algorithm>

#include "base/base64.h"
#include "base/sha256.h"
#include "oci/media_types.h"
#include "recording.h"
#include "solve_request.h"
#include "solved.h"

namespace ktl::solver {
namespace {

constexpr int kIdleMs = 100;

const json::object& object_at(const json::object& turn, std::string_view key) {
  static const json::object kNone;
  const json::value* found = turn.if_contains(key);
  return found != nullptr && found->is_object() ? found->get_object() : kNone;
}

// The same step may run on two daemons.
void mark(json::object& body, size_t index) {
  json::value* vertex = index == 0 ? nullptr : body.if_contains("vertex");
  if (vertex != nullptr && vertex->is_string() && !vertex->get_string().empty()) {
    *vertex = std::string(vertex->get_string()) + "#" + std::to_string(index);
  }
}

}  // namespace

Pool::Pool(json::value plan, std::vector<Part> parts, Host& host)
    : plan_(std::move(plan)), host_(host) {
  for (Part& part : parts) {
    parts_.push_back({.part = std::move(part)});
  }
}

Status Pool::start() {
  for (State& state : parts_) {
    KTL_TRY(state.part.build->start().in("builder " + state.part.builder));
  }
  return {};
}

TurnContext Pool::context_of(size_t index, const TurnContext& context) const {
  return {[index, &context](const Event& event) {
            Event marked = event;
            mark(marked.body, index);
            context.emit(marked);
          },
          context.cancel_fd};
}

Status Pool::look_at(size_t index, const TurnContext& context) {
  State& state = parts_[index];
  const TurnContext own = context_of(index, context);
  if (state.waits || !state.done.empty()) {
    state.part.build->publish(own);
    return {};
  }
  Result<std::optional<json::object>> turn = state.part.build->look(own);
  if (!turn.ok()) {
    return std::move(turn).status().in("builder " + state.part.builder);
  }
  if (!*turn) {
    return {};
  }
  if ((*turn)->contains("gate")) {
    state.gate = object_at(**turn, "gate");
    state.waits = true;
    return {};
  }
  state.done = object_at(**turn, "done");
  if (!bool_of(state.done, "ok")) {
    json::object& error = state.done["error"].as_object();
    error["message"] =
        "builder " + state.part.builder + ": " + std::string(text_of(error, "message"));
    mark(error, index);
    failed_ = json::object{{"schema", "ktl.turn/1"}, {"done", state.done}};
  }
  return {};
}

void Pool::stop_others(size_t index, const TurnContext& context) {
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (i != index && parts_[i].done.empty()) {
      parts_[i].part.build->stop(context_of(i, context));
    }
  }
}

Result<bool> Pool::look(const TurnContext& context) {
  size_t waiting = 0;
  size_t done = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    Status status = look_at(i, context);
    if (!status.ok() || failed_) {
      stop_others(i, context);
      KTL_TRY(status);
      return true;
    }
    waiting += parts_[i].waits ? 1 : 0;
    done += parts_[i].done.empty() ? 0 : 1;
  }
  return waiting == parts_.size() || done == parts_.size();
}

void Pool::wait(int cancel_fd) const {
  std::vector<pollfd> wait{{cancel_fd, POLLIN, 0}};
  for (const State& state : parts_) {
    wait.push_back({state.part.build->fd(), POLLIN, 0});
  }
  ::poll(wait.data(), wait.size(), kIdleMs);
}

Result<json::object> Pool::next(const TurnContext& context) {
  while (true) {
    KTL_ASSIGN(const bool ready, look(context));
    if (failed_) {
      return *failed_;
    }
    if (ready) {
      return parts_[0].waits ? gate_turn() : last_turn();
    }
    wait(context.cancel_fd);
    pollfd cancelled{context.cancel_fd, POLLIN, 0};
    if (::poll(&cancelled, 1, 0) > 0) {
      stop_others(parts_.size(), context);
      return Status(Code::kCancelled, "the build was cancelled");
    }
  }
}

Result<json::object> Pool::gate_turn() {
  if (text_of(parts_[0].gate, "kind") == "steps") {
    json::array steps;
    for (size_t i = 0; i < parts_.size(); ++i) {
      for (json::value& step : parts_[i].gate["steps"].as_array()) {
        mark(step.as_object(), i);
        steps.push_back(std::move(step));
      }
    }
    return json::object{{"schema", "ktl.turn/1"},
                        {"gate", {{"kind", "steps"}, {"steps", std::move(steps)}}}};
  }
  std::vector<std::string> indexes;
  for (const State& state : parts_) {
    KTL_ASSIGN(std::string bytes, base64_decode(text_of(state.gate, "root_bytes")));
    indexes.push_back(std::move(bytes));
  }
  KTL_ASSIGN(std::string bytes, merge_indexes(indexes, texts_of(plan_, "platforms")));
  KTL_ASSIGN(const json::value index, parse_json(bytes));
  root_ = Root{std::string(text_of(index, "mediaType", oci::kIndexType)), digest_of(bytes), bytes};
  auto read = [this](const std::string& digest, size_t limit) -> Result<std::string> {
    KTL_ASSIGN(const UniqueFd fd, host_.open_blob(digest));
    return read_all(fd.get(), limit);
  };
  KTL_ASSIGN(json::object solved, solved_document(plan_, root_, {}, read));
  return json::object{
      {"schema", "ktl.turn/1"},
      {"gate",
       {{"kind", "root"}, {"solved", std::move(solved)}, {"root_bytes", base64_encode(bytes)}}}};
}

Status Pool::resume(bool allow, const std::string& reason) {
  for (State& state : parts_) {
    if (std::exchange(state.waits, false)) {
      KTL_TRY(state.part.build->resume(allow, reason).in("builder " + state.part.builder));
    }
  }
  return {};
}

Status Pool::commit_root() {
  KTL_ASSIGN(const UniqueFd fd, host_.create_blob());
  KTL_TRY(write_all(fd.get(), root_->bytes));
  return host_.commit_blob(fd.get(), root_->digest);
}

Result<json::object> Pool::last_turn() {
  json::array steps;
  json::array files;
  json::object recording;
  for (size_t i = 0; i < parts_.size(); ++i) {
    json::object& part = parts_[i].done["solved"].as_object();
    json::array& made = part["files"].as_array();
    if (i == 0) {
      files = made;
    }
    KTL_TRY(i == 0 ? Status() : merge_files(files, made));
    json::value* own = part.if_contains("steps");
    for (json::value& step : own == nullptr ? json::array() : own->as_array()) {
      mark(step.as_object(), i);
      steps.push_back(std::move(step));
    }
    if (const json::value* own_recording = part.if_contains("recording")) {
      merge_recordings(recording, own_recording->as_object());
    }
  }
  Metadata metadata;
  if (root_) {
    KTL_TRY(commit_root());
    metadata["containerimage.digest"] = root_->digest;
  }
  auto read = [this](const std::string& digest, size_t limit) -> Result<std::string> {
    KTL_ASSIGN(const UniqueFd fd, host_.open_blob(digest));
    return read_all(fd.get(), limit);
  };
  KTL_ASSIGN(json::object solved, solved_document(plan_, root_, metadata, read));
  solved["files"] = std::move(files);
  solved["steps"] = std::move(steps);
  if (!recording.empty()) {
    solved["recording"] = std::move(recording);
  }
  return json::object{{"schema", "ktl.turn/1"},
                      {"done", {{"ok", true}, {"solved", std::move(solved)}}}};
}

Status check_poolable(const json::value& plan) {
  const json::value* caches = field_of(plan, "cache_to");
  if (caches == nullptr || !caches->is_array()) {
    return {};
  }
  for (const json::value& cache : caches->get_array()) {
    const std::string type(text_of(cache, "type"));
    if (type != "inline") {
      return Status(Code::kUnimplemented,
                    "--cache-to type=" + type +
                        ": each builder of a pool would replace what the others wrote there")
          .advise("take type=inline, or build each platform by itself with a place of its own");
    }
  }
  return {};
}

json::value one_of_several(json::value plan, const std::vector<std::string>& platforms) {
  json::object& object = plan.as_object();
  object["platforms"] = json::array(platforms.begin(), platforms.end());
  object["multi_platform"] = true;
  return plan;
}

}  // namespace ktl::solver
