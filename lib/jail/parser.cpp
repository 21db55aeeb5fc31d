#include "jail/parser.h"

#include "base/suggest.h"
#include "jail/scalar.h"
#include "jail/tokens.h"

namespace ktl::jail {
namespace {

constexpr size_t kMaxValues = 10'000;

bool is_sign(const Token& token, char sign) {
  return token.kind == TokenKind::kSign && token.text[0] == sign;
}

std::string shown(const Token& token) {
  return token.kind == TokenKind::kEnd ? "the end of the file" : "\"" + token.text + "\"";
}

// One token ahead; recursion ends with the schema, whose groups hold no groups of groups.
class Parser {
 public:
  Parser(std::string_view file, std::string_view text) : file_(file), tokens_(file, text) {}

  Result<Message> policy() {
    KTL_TRY(advance());
    Message message(policy_schema());
    KTL_TRY(fields(message, '\0'));
    return message;
  }

 private:
  Status fields(Message& message, char end);
  Status field(Message& message);
  Status unknown(const MessageRow& row) const;
  Status values(Message& message, const FieldRow& row);
  Status list(Message& message, const FieldRow& row);
  Status group(Message& message, const FieldRow& row);
  Status complete(const Message& message, Place place) const;
  Result<Scalar> scalar();
  Status keep(Message& message, const FieldRow& row, Value value);
  Status advance() {
    KTL_ASSIGN(token_, tokens_.next());
    return {};
  }
  [[nodiscard]] Status here(std::string message) const {
    return fault(file_, token_.place, std::move(message));
  }

  std::string_view file_;
  Tokens tokens_;
  Token token_;
  size_t values_ = 0;
};

Status Parser::fields(Message& message, char end) {
  while (end == '\0' ? token_.kind != TokenKind::kEnd : !is_sign(token_, end)) {
    if (token_.kind != TokenKind::kWord) {
      return here("the name of a field has to stand here, not " + shown(token_));
    }
    KTL_TRY(field(message));
    if (is_sign(token_, ',') || is_sign(token_, ';')) {
      KTL_TRY(advance());
    }
  }
  return {};
}

Status Parser::field(Message& message) {
  const FieldRow* row = message.row().find(token_.text);
  if (row == nullptr) {
    return unknown(message.row());
  }
  if (!row->repeated && message.has(row->name)) {
    return here("\"" + token_.text + "\" stands here a second time; the first is in line " +
                std::to_string(message.place(row->name).line));
  }
  KTL_TRY(advance());
  const bool colon = is_sign(token_, ':');
  if (colon) {
    KTL_TRY(advance());
  } else if (row->kind != Kind::kGroup) {
    return here("a colon has to stand after \"" + std::string(row->name) + "\", not " +
                shown(token_));
  }
  return values(message, *row);
}

Status Parser::unknown(const MessageRow& row) const {
  const std::string said = "no field of " + std::string(row.name) + " is called " + shown(token_);
  for (const auto& other : policy_schema().fields) {
    if (other.group != nullptr && &row == &policy_schema() && other.group->find(token_.text)) {
      return here(said).advise("it belongs inside " + std::string(other.name) + " { }");
    }
  }
  if (&row != &policy_schema() && policy_schema().find(token_.text) != nullptr) {
    return here(said).advise("it belongs to the policy itself: is a brace missing before it?");
  }
  return here(said).advise(did_you_mean(token_.text, row.names()));
}

Status Parser::values(Message& message, const FieldRow& row) {
  if (is_sign(token_, '[')) {
    return row.repeated ? list(message, row)
                        : here("\"" + std::string(row.name) + "\" has one value and no list");
  }
  if (row.kind == Kind::kGroup) {
    return group(message, row);
  }
  const Place place = token_.place;
  KTL_ASSIGN(Scalar said, scalar());
  auto value = to_value(row, said);
  return value.ok() ? keep(message, row, Value{place, value->number, value->text, {}})
                    : fault(file_, place, value.status().message()).advise(value.status().next());
}

Status Parser::list(Message& message, const FieldRow& row) {
  KTL_TRY(advance());
  while (!is_sign(token_, ']')) {
    if (is_sign(token_, '[')) {
      return here("a list holds no lists");
    }
    KTL_TRY(values(message, row));
    if (is_sign(token_, ',')) {
      KTL_TRY(advance());
    } else if (!is_sign(token_, ']')) {
      return here("a comma or ] has to stand here, not " + shown(token_));
    }
  }
  return advance();
}

Status Parser::group(Message& message, const FieldRow& row) {
  const Place place = token_.place;
  const char end = is_sign(token_, '{') ? '}' : '>';
  if (end == '>' && !is_sign(token_, '<')) {
    return here("{ has to stand after \"" + std::string(row.name) + "\", not " + shown(token_));
  }
  KTL_TRY(advance());
  Message inner(*row.group);
  KTL_TRY(fields(inner, end));
  KTL_TRY(complete(inner, place));
  KTL_TRY(advance());
  return keep(message, row, Value{place, 0, {}, {std::move(inner)}});
}

Status Parser::complete(const Message& message, Place place) const {
  for (const auto& row : message.row().fields) {
    if (row.required && !message.has(row.name)) {
      return fault(file_, place,
                   "this " + std::string(message.row().name) + " has no \"" +
                       std::string(row.name) + "\", which it needs");
    }
  }
  return {};
}

Result<Scalar> Parser::scalar() {
  Scalar said;
  if (is_sign(token_, '-')) {
    said.negative = true;
    KTL_TRY(advance());
  }
  if (token_.kind == TokenKind::kEnd || token_.kind == TokenKind::kSign ||
      (said.negative && token_.kind != TokenKind::kNumber)) {
    return here("a value has to stand here, not " + shown(token_));
  }
  said.kind = token_.kind;
  do {
    said.text += token_.text;
    KTL_TRY(advance());
  } while (said.kind == TokenKind::kString && token_.kind == TokenKind::kString);
  return said;
}

Status Parser::keep(Message& message, const FieldRow& row, Value value) {
  if (++values_ > kMaxValues) {
    return fault(file_, value.place, "a policy of more than 10000 values");
  }
  message.add(row.name, std::move(value));
  return {};
}

}  // namespace

Result<Message> parse_policy(std::string_view file, std::string_view text) {
  if (text.size() > kMaxPolicyBytes) {
    return fault(file, {}, "a policy of more than 1 MiB");
  }
  return Parser(file, text).policy();
}

}  // namespace ktl::jail
