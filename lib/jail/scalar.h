// One value of a policy: from the word that was written to what the schema wants.
#pragma once

#include <string>

#include "base/status.h"
#include "jail/message.h"
#include "jail/tokens.h"

namespace ktl::jail {

// As it was written; adjacent strings are one.
struct Scalar {
  TokenKind kind = TokenKind::kEnd;
  bool negative = false;
  std::string text;
};

// The value of `row` that `said` stands for, without its place. Numbers as in C (10, 0x0a, 012)
// within the bounds of their type, true and false also as t, f, 1, 0, a kWord also by its number.
// A kText is UTF-8 without NUL, since everyone behind us reads it as a C string. The fault has
// neither file nor place.
Result<Value> to_value(const FieldRow& row, const Scalar& said);

}  // namespace ktl::jail
