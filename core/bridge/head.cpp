#include "core/bridge/head.h"

namespace ktl::bridge {
namespace {

constexpr int64_t kLastCode = static_cast<int64_t>(Code::kUnauthenticated);

}  // namespace

const json::value* Fields::take(std::string_view key) {
  const json::value* found = head_.if_contains(key);
  taken_ += found == nullptr ? 0 : 1;
  return found;
}

void Fields::wrong(std::string_view key, std::string_view what) {
  if (fault_.empty()) {
    fault_ = std::string(key) + " " + std::string(what);
  }
}

std::string Fields::text_if(std::string_view key, size_t limit) {
  const json::value* found = take(key);
  if (found == nullptr) {
    return {};
  }
  const json::string* text = found->if_string();
  if (text == nullptr || text->size() > limit) {
    wrong(key, text == nullptr ? "is no text" : "is too long");
    return {};
  }
  return {text->data(), text->size()};
}

std::string Fields::text(std::string_view key, size_t limit) {
  if (!head_.contains(key)) {
    wrong(key, "is missing");
  }
  return text_if(key, limit);
}

int64_t Fields::number(std::string_view key) {
  const json::value* found = take(key);
  if (found == nullptr || !found->is_int64()) {
    wrong(key, "is no number");
    return 0;
  }
  return found->get_int64();
}

json::object Fields::object(std::string_view key) {
  const json::value* found = take(key);
  if (found == nullptr || !found->is_object()) {
    wrong(key, "is no object");
    return {};
  }
  return found->get_object();
}

std::vector<std::string> Fields::texts(std::string_view key, size_t limit) {
  const json::value* found = take(key);
  if (found == nullptr || !found->is_array() || found->get_array().size() > limit) {
    wrong(key, "is no list");
    return {};
  }
  return texts_of(head_, key);
}

Status Fields::done() const {
  if (!fault_.empty()) {
    return {Code::kDataLoss, "a broken message: " + fault_};
  }
  return taken_ == head_.size() ? Status()
                                : Status(Code::kDataLoss, "a broken message: an unknown field");
}

json::object head_of(const Status& status) {
  json::object head{{"code", static_cast<int64_t>(status.code())}};
  if (!status.ok()) {
    head["message"] = valid_utf8(std::string_view(status.message()).substr(0, kMaxText / 3));
    head["where"] = valid_utf8(std::string_view(status.where()).substr(0, kMaxText / 3));
    head["next"] = valid_utf8(std::string_view(status.next()).substr(0, kMaxText / 3));
  }
  return head;
}

Result<Answer> answer_of(const json::object& head) {
  Fields fields(head);
  const int64_t code = fields.number("code");
  if (code == 0 && head.contains("code")) {
    Answer answer;
    answer.value = head;
    answer.value.erase("code");
    return answer;
  }
  std::string message = fields.text("message", kMaxText);
  std::string where = fields.text("where", kMaxText);
  std::string next = fields.text("next", kMaxText);
  KTL_TRY(fields.done());
  if (code < 0 || code > kLastCode) {
    return Status(Code::kDataLoss, "a broken message: code " + std::to_string(code));
  }
  return Answer{Status(static_cast<Code>(code), std::move(message))
                    .at(std::move(where))
                    .advise(std::move(next)),
                {}};
}

}  // namespace ktl::bridge
