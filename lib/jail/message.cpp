#include "jail/message.h"

namespace ktl::jail {

const std::vector<Value>& Message::all(std::string_view name) const {
  static const std::vector<Value> kNone;
  auto at = fields_.find(name);
  return at == fields_.end() ? kNone : at->second;
}

const Value* Message::find(std::string_view name) const {
  const auto& values = all(name);
  return values.empty() ? nullptr : &values.front();
}

std::string_view Message::text(std::string_view name, std::string_view fallback) const {
  const Value* value = find(name);
  return value == nullptr ? fallback : std::string_view(value->text);
}

uint64_t Message::number(std::string_view name, uint64_t fallback) const {
  const Value* value = find(name);
  return value == nullptr ? fallback : value->number;
}

bool Message::flag(std::string_view name, bool fallback) const {
  return number(name, fallback ? 1 : 0) != 0;
}

Place Message::place(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? Place() : value->place;
}

void Message::set_text(std::string_view name, std::string text) {
  const std::string_view key = row_->find(name)->name;
  fields_[key].assign(1, Value{{}, 0, std::move(text), {}});
}

void Message::set_number(std::string_view name, uint64_t number) {
  const std::string_view key = row_->find(name)->name;
  fields_[key].assign(1, Value{{}, number, {}, {}});
}

}  // namespace ktl::jail
