// What nsjail's configuration knows: our own table of its config.proto, so that a policy is read
// by ktl in full before a runtime sees it, and nothing is let through that ktl has no word for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::jail {

enum class Kind : uint8_t { kBool, kInt32, kInt64, kUint32, kUint64, kText, kBytes, kWord, kGroup };

struct MessageRow;

// One field. `words`: the names a kWord (an enum of protobuf) may have, at their numbers; `group`:
// what a kGroup (a message) holds.
struct FieldRow {
  std::string_view name;
  Kind kind = Kind::kText;
  bool repeated = false;
  bool required = false;
  std::span<const std::string_view> words = {};
  const MessageRow* group = nullptr;
};

struct MessageRow {
  std::string_view name;  // as a fault calls it: "a policy", "mount"
  std::span<const FieldRow> fields;

  [[nodiscard]] const FieldRow* find(std::string_view field) const;
  [[nodiscard]] std::vector<std::string> names() const;
};

// NsJailConfig of nsjail 3.6 (https://github.com/google/nsjail, tag 3.6, config.proto), field by
// field as the descriptor inside its binary has them.
const MessageRow& policy_schema();

}  // namespace ktl::jail
