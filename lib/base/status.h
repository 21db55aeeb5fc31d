// The one vocabulary of failure: what happened, where, and what to do next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ktl {

// The canonical gRPC codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html), so that
// BuildKit, plugins and ktl speak of failure in one way. Values equal KTL_* in ktl/plugin.h.
enum class Code : int32_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "NOT_FOUND" for kNotFound, and so on; "CODE_99" for a number that is none of them.
std::string code_name(Code code);

// A result without a value. Cheap to move; safe to read from several threads, not to assign.
//
// `message` is one sentence about what happened, without a trailing period. `where` is a place a
// user can open ("Dockerfile:12:3", "ktl.yaml:4:1"). `next` says what to do about it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == Code::kOk; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] const std::string& next() const { return next_; }

  // The same failure, said more precisely. `prefix` goes before the message as "prefix: message".
  Status at(std::string where) && {
    where_ = std::move(where);
    return std::move(*this);
  }
  Status advise(std::string next) && {
    next_ = std::move(next);
    return std::move(*this);
  }
  Status in(std::string_view prefix) && {
    message_.insert(0, std::string(prefix) + ": ");
    return std::move(*this);
  }

  // "where: message" with the advice on a second line; what a log or a test wants to see.
  [[nodiscard]] std::string to_string() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::string where_;
  std::string next_;
};

// A failure of `code` with the text of errno, e.g. "open /x: No such file or directory".
// ENOENT, EACCES, EEXIST, ENOSPC and the like choose the code.
Status errno_status(std::string_view what, int error_number);

// A value or the reason why there is none. Never both, never neither.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(*-explicit-*)
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] Status status() const& { return ok() ? Status() : std::get<1>(state_); }
  [[nodiscard]] Status status() && { return ok() ? Status() : std::move(std::get<1>(state_)); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::move(std::get<0>(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace ktl

#define KTL_CONCAT_INNER(a, b) a##b
#define KTL_CONCAT(a, b) KTL_CONCAT_INNER(a, b)

// Leaves the function with the failure of `expression`, if it is one.
#define KTL_TRY(expression)                                            \
  do {                                                                 \
    if (::ktl::Status ktl_status_ = (expression); !ktl_status_.ok()) { \
      return ktl_status_;                                              \
    }                                                                  \
  } while (false)

// KTL_ASSIGN(auto file, open_file(path)); leaves the function when there is no value.
#define KTL_ASSIGN(target, expression) \
  KTL_ASSIGN_INNER(KTL_CONCAT(ktl_result_, __LINE__), target, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): names and a declaration, which take none
#define KTL_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                        \
  if (!result.ok()) {                                \
    return std::move(result).status();               \
  }                                                  \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
