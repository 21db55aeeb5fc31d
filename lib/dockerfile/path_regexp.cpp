#include "dockerfile/path_regexp.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

constexpr char32_t kNone = 0xFFFFFFFF;  // no character: before the start, after the end
constexpr size_t kMaxRepeat = 1000;     // as in Go
constexpr size_t kMaxAtoms = 20000;
constexpr std::string_view kAnyFolders = "(.*/)?";

bool eat(std::string_view& rest, std::string_view token) {
  if (!rest.starts_with(token)) {
    return false;
  }
  rest.remove_prefix(token.size());
  return true;
}

// At most eight digits, no zero before others: as many as Go reads.
std::optional<size_t> eat_number(std::string_view& rest) {
  const size_t size = std::min(rest.find_first_not_of("0123456789"), rest.size());
  size_t value = 0;
  if (size == 0 || size > 8 || (size > 1 && rest[0] == '0')) {
    return std::nullopt;
  }
  std::from_chars(rest.data(), rest.data() + size, value);
  rest.remove_prefix(size);
  return value;
}

CharSet anything() {
  CharSet all;
  all.negate();
  return all;
}

bool is_word(char32_t rune) {
  return (rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') || rune == '_' ||
         (rune >= 'a' && rune <= 'z');
}

}  // namespace

// The atoms that may come next. Each is there once, however many ways lead to it: that is what
// keeps the time linear.
class PathRegexp::States {
 public:
  explicit States(size_t atoms) : seen_(atoms + 1, 0) {}

  bool insert(size_t atom) {
    if (seen_[atom] == round_) {
      return false;
    }
    seen_[atom] = round_;
    list_.push_back(atom);
    return true;
  }
  [[nodiscard]] bool has(size_t atom) const { return seen_[atom] == round_; }
  [[nodiscard]] const std::vector<size_t>& list() const { return list_; }
  void clear() {
    list_.clear();
    ++round_;
  }

 private:
  std::vector<size_t> list_;
  std::vector<uint64_t> seen_;
  uint64_t round_ = 1;
};

// Reads an expression between its "^" and "$" into rows.
class PathRegexp::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<std::vector<Row>> parse();

 private:
  Status parse_item();
  Status parse_backslash();
  Result<bool> parse_repeat();
  void repeat(size_t least, std::optional<size_t> most);
  void push(Kind kind, CharSet set = {}) { rows_.back().push_back({kind, std::move(set)}); }

  std::string_view rest_;
  std::vector<Row> rows_ = {{}};
  bool repeatable_ = false;  // whether "{2}" may follow
};

Result<std::vector<PathRegexp::Row>> PathRegexp::Parser::parse() {
  while (!rest_.empty()) {
    KTL_ASSIGN(const bool repeated, parse_repeat());
    if (!repeated && eat(rest_, "|")) {
      // What is not anchored may start and end anywhere.
      push(Kind::kMany, anything());
      rows_.emplace_back();
      push(Kind::kMany, anything());
      repeatable_ = false;
    } else if (!repeated) {
      KTL_TRY(parse_item());
    }
    if (rows_.back().size() > kMaxAtoms) {
      return Status(Code::kResourceExhausted, "it repeats too much");
    }
  }
  return std::move(rows_);
}

Status PathRegexp::Parser::parse_item() {
  repeatable_ = true;
  if (eat(rest_, kAnyFolders)) {
    push(Kind::kMaybeFolders);
    push(Kind::kFolders);
    repeatable_ = false;
  } else if (eat(rest_, ".*")) {
    push(Kind::kMany, CharSet::all_but('\n'));
    repeatable_ = false;
  } else if (eat(rest_, "^")) {
    push(Kind::kStart);
  } else if (rest_[0] == '[') {
    KTL_ASSIGN(CharSet set, parse_class(rest_));
    repeatable_ = !eat(rest_, "*");
    push(repeatable_ ? Kind::kOne : Kind::kMany, std::move(set));
  } else if (rest_[0] == '\\') {
    return parse_backslash();
  } else {
    const Rune rune = decode_rune(rest_);
    rest_.remove_prefix(rune.width);
    push(Kind::kOne, CharSet::of(rune.value));
  }
  return {};
}

Status PathRegexp::Parser::parse_backslash() {
  CharSet set;
  if (eat(rest_, "\\A")) {
    push(Kind::kStart);
  } else if (eat(rest_, "\\z")) {
    push(Kind::kEnd);
  } else if (eat(rest_, "\\b")) {
    push(Kind::kBoundary);
  } else if (eat(rest_, "\\B")) {
    push(Kind::kNoBoundary);
  } else if (rest_.size() >= 2 && set.add_perl(rest_[1])) {
    rest_.remove_prefix(2);
    push(Kind::kOne, std::move(set));
  } else {
    KTL_ASSIGN(const char32_t rune, parse_escape(rest_));
    push(Kind::kOne, CharSet::of(rune));
  }
  return {};
}

// {2}, {2,} or {2,3}; false for anything else, also for a "{" that starts none of them.
Result<bool> PathRegexp::Parser::parse_repeat() {
  std::string_view rest = rest_;
  if (!eat(rest, "{")) {
    return false;
  }
  const auto least = eat_number(rest);
  std::optional<size_t> most = least;
  if (least.has_value() && eat(rest, ",")) {
    most = eat_number(rest);
  }
  if (!least.has_value() || !eat(rest, "}")) {
    return false;
  }
  if (!repeatable_) {
    return Status(Code::kInvalidArgument, "a repetition \"{...}\" of nothing");
  }
  if (*least > kMaxRepeat || most.value_or(*least) > kMaxRepeat || most.value_or(*least) < *least) {
    return Status(Code::kInvalidArgument, "a repetition \"{...}\" out of range");
  }
  rest_ = rest;
  repeatable_ = false;
  repeat(*least, most);
  return true;
}

void PathRegexp::Parser::repeat(size_t least, std::optional<size_t> most) {
  Row& row = rows_.back();
  const Atom atom = row.back();
  row.pop_back();
  row.insert(row.end(), least, atom);
  if (atom.kind == Kind::kOne) {
    const Kind more = most.has_value() ? Kind::kMaybeOne : Kind::kMany;
    row.insert(row.end(), most.has_value() ? *most - least : 1, {more, atom.set});
  }
}

Result<PathRegexp> PathRegexp::compile(std::string_view expression) {
  if (expression.size() < 2 || !expression.starts_with('^') || !expression.ends_with('$')) {
    return Status(Code::kInternal, "expression is not anchored");
  }
  PathRegexp regexp;
  KTL_ASSIGN(regexp.rows_, Parser(expression.substr(1, expression.size() - 2)).parse());
  return regexp;
}

bool PathRegexp::holds(Kind kind, Place place) {
  switch (kind) {
    case Kind::kStart:
      return place.before == kNone;
    case Kind::kEnd:
      return place.after == kNone;
    case Kind::kBoundary:
      return is_word(place.before) != is_word(place.after);
    default:
      return is_word(place.before) == is_word(place.after);
  }
}

// Adds `atom` and all that can be reached from it without reading a character.
void PathRegexp::enter(const Row& row, size_t atom, Place place, States& states) {
  while (states.insert(atom) && atom < row.size()) {
    switch (row[atom].kind) {
      case Kind::kOne:
      case Kind::kFolders:
        return;
      case Kind::kMaybeOne:
      case Kind::kMany:
        atom += 1;
        break;
      case Kind::kMaybeFolders:
        states.insert(atom + 1);
        atom += 2;
        break;
      default:
        if (!holds(row[atom].kind, place)) {
          return;
        }
        atom += 1;
    }
  }
}

void PathRegexp::step(const Row& row, size_t atom, char32_t rune, Place next, States& states) {
  const Atom& now = row[atom];
  if ((now.kind == Kind::kOne || now.kind == Kind::kMaybeOne) && now.set.has(rune)) {
    enter(row, atom + 1, next, states);
  } else if (now.kind == Kind::kMany && now.set.has(rune)) {
    enter(row, atom, next, states);
  } else if (now.kind == Kind::kFolders && rune != '\n') {
    states.insert(atom);
    if (rune == '/') {
      enter(row, atom + 1, next, states);
    }
  }
}

bool PathRegexp::row_matches(const Row& row, std::string_view path) {
  States now(row.size());
  States later(row.size());
  Rune rune = decode_rune(path);
  enter(row, 0, {kNone, rune.width == 0 ? kNone : rune.value}, now);
  while (!path.empty() && !now.list().empty()) {
    path.remove_prefix(rune.width);
    const Rune next = decode_rune(path);
    const Place place = {rune.value, next.width == 0 ? kNone : next.value};
    later.clear();
    for (const size_t atom : now.list()) {
      if (atom < row.size()) {
        step(row, atom, rune.value, place, later);
      }
    }
    std::swap(now, later);
    rune = next;
  }
  return path.empty() && now.has(row.size());
}

bool PathRegexp::matches(std::string_view path) const {
  return std::ranges::any_of(rows_, [path](const Row& row) { return row_matches(row, path); });
}

}  // namespace ktl::dockerfile
