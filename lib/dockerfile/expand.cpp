#include "dockerfile/expand.h"

#include <optional>
#include <utility>

#include "dockerfile/text.h"
#include "dockerfile/wildcard.h"
#include "dockerfile/word_splitter.h"

namespace ktl::dockerfile {
namespace {

constexpr char32_t kEnd = 0x110000;  // what is read behind the last rune
constexpr size_t kMaxDepth = 100;
constexpr size_t kMaxResult = 1U << 20U;

Status syntax_error(std::string message) {
  return Status(Code::kInvalidArgument, std::move(message));
}

bool is_one_of(char32_t rune, std::string_view ascii) {
  return rune < 0x80 && ascii.find(static_cast<char>(rune)) != std::string_view::npos;
}

bool is_digit(char32_t rune) { return rune >= '0' && rune <= '9'; }

bool is_name_rune(char32_t rune) {
  return is_digit(rune) || (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') ||
         rune == '_';
}

bool is_foreign(char32_t rune) { return rune >= 0x80 && rune < kEnd && !is_space(rune); }

// Special parameters of the shell (POSIX XCU 2.5.2); never set in a Dockerfile.
bool is_special(char32_t rune) { return is_one_of(rune, "@*#?-$!0"); }

// One run over one word.
class Run {
 public:
  Run(std::string_view text, char escape, ExpandOptions options, const Variables& variables,
      Work& work)
      : text_(text),
        escape_(static_cast<unsigned char>(escape)),
        options_(options),
        variables_(variables),
        work_(work),
        raw_escapes_(options.raw_escapes) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      text_.remove_prefix(3);
    }
  }

  Result<Expansion> all() {
    Expansion out;
    KTL_ASSIGN(out.text, until(kEnd, raw_escapes_, false, &out.words));
    out.complete = complete_;
    return out;
  }

 private:
  [[nodiscard]] char32_t peek() const { return text_.empty() ? kEnd : decode_rune(text_).value; }
  char32_t next() {
    const Rune rune = decode_rune(text_);
    text_.remove_prefix(rune.width);
    return rune.width == 0 ? kEnd : rune.value;
  }

  // To the rune `stop`, which is taken too. `patterns`: a quoted escape is doubled, for the result
  // is a pattern that is read once more.
  Result<std::string> until(char32_t stop, bool raw_escapes, bool patterns,
                            std::vector<std::string>* words = nullptr) {
    if (++depth_ > kMaxDepth) {
      return Status(Code::kResourceExhausted, "more than 100 ${...} inside one another");
    }
    const bool outer_raw = std::exchange(raw_escapes_, raw_escapes);
    WordSplitter splitter(buffer_);
    std::string out;
    while (peek() != stop) {
      if (peek() == kEnd) {
        return syntax_error("the text ends before the closing " +
                            std::string(1, static_cast<char>(stop)) + " of ${...}");
      }
      KTL_TRY(step(patterns, out, splitter));
      if (out.size() > kMaxResult) {
        return Status(Code::kResourceExhausted, "the text with its variables is over 1 MiB");
      }
    }
    next();
    raw_escapes_ = outer_raw;
    --depth_;
    auto found = splitter.take();
    if (words != nullptr) {
      *words = std::move(found);
    }
    return out;
  }

  // One rune, quoted part or variable.
  Status step(bool patterns, std::string& out, WordSplitter& splitter) {
    switch (peek()) {
      case '$': {
        KTL_ASSIGN(const auto value, dollar());
        out += value;
        splitter.add(value);
        return work_.spend(value.size());
      }
      case '\'': {
        KTL_ASSIGN(const auto quoted, single_quotes(patterns));
        out += quoted;
        splitter.add_raw(quoted);
        return {};
      }
      case '"': {
        KTL_ASSIGN(const auto quoted, double_quotes(patterns));
        out += quoted;
        splitter.add_raw(quoted);
        return {};
      }
      case '<': {
        const std::string angles = possible_heredoc();
        out += angles;
        splitter.add_raw(angles);
        return {};
      }
      default:
        plain(out, splitter);
        return {};
    }
  }

  void plain(std::string& out, WordSplitter& splitter) {
    char32_t rune = next();
    if (rune != escape_) {
      splitter.add(rune);
      append_rune(out, rune);
      return;
    }
    if (raw_escapes_) {
      splitter.add_raw(rune);
      append_rune(out, rune);
    }
    rune = next();
    if (rune != kEnd) {
      splitter.add_raw(rune);
      append_rune(out, rune);
    }
  }

  Result<std::string> single_quotes(bool patterns) {
    std::string out;
    next();
    if (options_.raw_quotes) {
      out += '\'';
    }
    for (char32_t rune = next(); rune != '\''; rune = next()) {
      if (rune == kEnd) {
        return syntax_error("a single quote is not closed");
      }
      if (patterns && rune == escape_) {
        append_rune(out, rune);
      }
      append_rune(out, rune);
    }
    if (options_.raw_quotes) {
      out += '\'';
    }
    return out;
  }

  Result<std::string> double_quotes(bool patterns) {
    std::string out;
    next();
    if (options_.raw_quotes) {
      out += '"';
    }
    while (peek() != '"') {
      if (peek() == kEnd) {
        return syntax_error("a double quote is not closed");
      }
      if (peek() == '$') {
        KTL_ASSIGN(const auto value, dollar());
        KTL_TRY(work_.spend(value.size()));
        out += value;
      } else {
        quoted_rune(patterns, out);
      }
      if (out.size() > kMaxResult) {
        return Status(Code::kResourceExhausted, "the text with its variables is over 1 MiB");
      }
    }
    next();
    if (options_.raw_quotes) {
      out += '"';
    }
    return out;
  }

  // In double quotes only " $ and the escape itself can be escaped.
  void quoted_rune(bool patterns, std::string& out) {
    char32_t rune = next();
    if (rune == escape_) {
      const char32_t escaped = peek();
      if (escaped == kEnd) {
        return;
      }
      if (escaped == '"' || escaped == '$' || escaped == escape_) {
        if (raw_escapes_) {
          append_rune(out, rune);
        }
        rune = next();
      } else if (raw_escapes_ && (!options_.raw_quotes || patterns)) {
        append_rune(out, rune);
      }
    }
    append_rune(out, rune);
  }

  // `<<` keeps the white space behind it, so that `<< EOF` stays one word.
  std::string possible_heredoc() {
    std::string out = "<";
    next();
    if (peek() != '<') {
      return out;
    }
    append_rune(out, next());
    while (peek() == '\t' || peek() == '\r' || peek() == ' ') {
      append_rune(out, next());
    }
    return out;
  }

  // Whether a sign outside ASCII belongs to a name depends on the frontend's Unicode tables. Where
  // that `matters` we would rather refuse than read another name than the builder does.
  Result<std::string> name(bool matters) {
    std::string out;
    if (is_special(peek()) && !is_digit(peek())) {
      append_rune(out, next());
      return out;
    }
    const auto belongs = is_digit(peek()) ? is_digit : is_name_rune;
    while (belongs(peek())) {
      append_rune(out, next());
    }
    if (matters && is_foreign(peek())) {
      return Status(Code::kUnimplemented, "the name of a variable has signs outside ASCII")
          .advise("write ${" + out + "} to end the name, or a backslash before $ for a plain $");
    }
    return out;
  }

  std::optional<std::string_view> lookup(const std::string& variable) {
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      complete_ = false;
      return std::nullopt;
    }
    return found->second;
  }

  Result<std::string> dollar() {
    next();
    if (peek() == '{') {
      next();
      return braces();
    }
    // An unknown variable stays as it is, wherever its name ends.
    KTL_ASSIGN(const std::string variable, name(!options_.skip_unset));
    if (variable.empty()) {
      return std::string("$");
    }
    const auto value = lookup(variable);
    if (!value.has_value() && options_.skip_unset) {
      return "$" + variable;
    }
    return std::string(value.value_or(""));
  }

  // Behind `${`.
  Result<std::string> braces() {
    if (peek() == kEnd || peek() == '{' || peek() == '}' || peek() == ':') {
      return syntax_error("${ needs the name of a variable");
    }
    KTL_ASSIGN(const std::string variable, name(true));
    const char32_t sign = next();
    if (sign == '}') {
      const auto value = lookup(variable);
      if (!value.has_value() && options_.skip_unset) {
        return "${" + variable + "}";
      }
      return std::string(value.value_or(""));
    }
    if (sign == '/') {
      return replace(variable);
    }
    if (sign == ':') {
      return modify(variable, next(), true);
    }
    if (is_one_of(sign, "+-?#%")) {
      return modify(variable, sign, false);
    }
    return unknown_modifier(variable);
  }

  static Status unknown_modifier(const std::string& variable) {
    return syntax_error("${" + variable + "...} has a modifier that Dockerfiles do not know")
        .advise("the modifiers are :- - :+ + :? ? # ## % %% / and //");
  }

  // ${variable-word} and its kin. `colon`: an empty value counts as none.
  Result<std::string> modify(const std::string& variable, char32_t sign, bool colon) {
    const bool strips = sign == '#' || sign == '%';
    if (colon && strips) {
      return unknown_modifier(variable);
    }
    KTL_ASSIGN(std::string word, until('}', strips, strips));
    const auto value = lookup(variable);
    if (!value.has_value() && options_.skip_unset) {
      std::string as_written = "${" + variable + (colon ? ":" : "");
      append_rune(as_written, sign);
      return as_written + word + "}";
    }
    const bool absent = !value.has_value() || (colon && value->empty());
    const std::string present(value.value_or(""));
    switch (sign) {
      case '-':
        return absent ? word : present;
      case '+':
        return absent ? std::string() : word;
      case '?':
        return absent ? required(variable, word) : present;
      case '#':
      case '%':
        return strip(sign, word, present);
      default:
        return unknown_modifier(variable);
    }
  }

  static Result<std::string> required(const std::string& variable, const std::string& message) {
    return Status(Code::kInvalidArgument,
                  variable + ": " + (message.empty() ? "must have a value" : message))
        .advise("give it one with --build-arg " + variable + "=VALUE");
  }

  Result<std::string> strip(char32_t sign, std::string_view pattern, std::string_view value) {
    const bool longest = !pattern.empty() && static_cast<unsigned char>(pattern[0]) == sign;
    pattern.remove_prefix(longest ? 1 : 0);
    return sign == '#' ? strip_prefix(pattern, value, longest, work_)
                       : strip_suffix(pattern, value, longest, work_);
  }

  // ${variable/pattern/text} and ${variable//pattern/text}
  Result<std::string> replace(const std::string& variable) {
    const bool every = peek() == '/';
    if (every) {
      next();
    }
    KTL_ASSIGN(const std::string pattern, until('/', true, true));
    KTL_ASSIGN(const std::string text, until('}', true, false));
    const auto value = lookup(variable);
    if (!value.has_value() && options_.skip_unset) {
      return "${" + variable + "/" + pattern + "/" + text + "}";
    }
    const std::string_view present = value.value_or("");
    return every ? replace_all(pattern, present, text, work_)
                 : replace_first(pattern, present, text, work_);
  }

  std::string_view text_;
  char32_t escape_;
  ExpandOptions options_;
  const Variables& variables_;
  Work& work_;
  bool raw_escapes_;
  bool complete_ = true;
  size_t depth_ = 0;
  std::string buffer_;
};

}  // namespace

Result<Expansion> Expander::expand(std::string_view word, const Variables& variables) {
  return Run(word, escape_, options_, variables, work_).all();
}

}  // namespace ktl::dockerfile
