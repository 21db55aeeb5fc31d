#include "jail/parser.h"

namespace ktl::jail {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out += '\\';
      out += static_cast<char>('0' + (byte >> 6U));
      out += static_cast<char>('0' + ((byte >> 3U) & 7U));
      out += static_cast<char>('0' + (byte & 7U));
    }
  }
  return out + '"';
}

std::string scalar(const FieldRow& row, const Value& value) {
  switch (row.kind) {
    case Kind::kBool:
      return value.number != 0 ? "true" : "false";
    case Kind::kInt32:
    case Kind::kInt64:
      return std::to_string(static_cast<int64_t>(value.number));
    case Kind::kUint32:
    case Kind::kUint64:
      return std::to_string(value.number);
    case Kind::kWord:
      return value.text;
    default:
      return in_quotes(value.text);
  }
}

// Fields one after another, each followed by `end`.
std::string fields(const Message& message, std::string_view end) {
  std::string out;
  for (const auto& row : message.row().fields) {
    for (const auto& value : message.all(row.name)) {
      out += row.name;
      out += row.kind == Kind::kGroup ? " { " + fields(value.group.front(), " ") + "}"
                                      : ": " + scalar(row, value);
      out += end;
    }
  }
  return out;
}

}  // namespace

std::string write_policy(const Message& policy) { return fields(policy, "\n"); }

}  // namespace ktl::jail
