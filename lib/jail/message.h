// A policy in memory: fields by name as the schema has them, each value with its place.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "jail/schema.h"

namespace ktl::jail {

// Where in the file a value stands, from 1; 0: ktl put it there.
struct Place {
  int line = 0;
  int column = 0;
};

class Message;

// `number` holds kBool as 0 or 1 and negative numbers in two's complement; `text` holds kText,
// kBytes and the name of a kWord; `group` has one element for a kGroup, else none.
struct Value {
  Place place;
  uint64_t number = 0;
  std::string text;
  std::vector<Message> group;
};

// The fields that were set, of one message of the schema. A value type, not thread-safe.
class Message {
 public:
  explicit Message(const MessageRow& row) : row_(&row) {}

  [[nodiscard]] const MessageRow& row() const { return *row_; }
  [[nodiscard]] bool has(std::string_view name) const { return fields_.contains(name); }
  // All values of a field, in the order of the file; empty when it was not set.
  [[nodiscard]] const std::vector<Value>& all(std::string_view name) const;
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] std::string_view text(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] uint64_t number(std::string_view name, uint64_t fallback = 0) const;
  [[nodiscard]] bool flag(std::string_view name, bool fallback = false) const;
  [[nodiscard]] Place place(std::string_view name) const;  // of the first value

  void add(std::string_view name, Value value) { fields_[name].push_back(std::move(value)); }
  // One value instead of what was there, at no place of the file. `name` is a literal or a row's.
  void set_text(std::string_view name, std::string text);
  void set_number(std::string_view name, uint64_t number);
  void clear(std::string_view name) { fields_.erase(name); }

 private:
  const MessageRow* row_;
  std::map<std::string_view, std::vector<Value>> fields_;  // keys live in the schema
};

}  // namespace ktl::jail
