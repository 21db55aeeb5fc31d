// Heads of frames: read strictly, since the other side may lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ktl::bridge {

// Takes the fields of one head by name and type; done() says what was missing, wrong or too much.
// A field that is wrong reads as empty or 0.
class Fields {
 public:
  explicit Fields(const json::object& head) : head_(head) {}

  // At most `limit` bytes.
  std::string text(std::string_view key, size_t limit);
  int64_t number(std::string_view key);
  json::object object(std::string_view key);
  std::vector<std::string> texts(std::string_view key, size_t limit);
  // The same, empty when absent.
  std::string text_if(std::string_view key, size_t limit);

  // kDataLoss: the first thing that was wrong, or a field that nobody took.
  [[nodiscard]] Status done() const;

 private:
  const json::value* take(std::string_view key);
  void wrong(std::string_view key, std::string_view what);

  const json::object& head_;
  size_t taken_ = 0;
  std::string fault_;
};

inline constexpr size_t kMaxName = 256;               // of plugins, interfaces, verbs
inline constexpr size_t kMaxText = (64U << 10U) * 3;  // of messages: replacing bad UTF-8 grows them

// The head of an answer: {"code": 0} or the failure's code, message, where and next.
json::object head_of(const Status& status);

// What the head of an answer says, fields of its own aside: `value` has what follows code 0.
struct Answer {
  Status status;
  json::object value;
};
// kDataLoss: it is no head of an answer.
Result<Answer> answer_of(const json::object& head);

}  // namespace ktl::bridge
