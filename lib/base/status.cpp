#include "base/status.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace ktl {
namespace {

constexpr std::array<const char*, 17> kNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

Code code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case EEXIST:
      return Code::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Code::kResourceExhausted;
    case ELOOP:
    case EXDEV:
    case EINVAL:
    case ENAMETOOLONG:
      return Code::kInvalidArgument;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return Code::kUnavailable;
    case ETIMEDOUT:
      return Code::kDeadlineExceeded;
    default:
      return Code::kInternal;
  }
}

}  // namespace

std::string code_name(Code code) {
  auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "CODE_" + std::to_string(index);
}

std::string Status::to_string() const {
  std::string text = where_.empty() ? message_ : where_ + ": " + message_;
  if (!next_.empty()) {
    text += "\n  " + next_;
  }
  return text;
}

Status errno_status(std::string_view what, int error_number) {
  std::array<char, 256> buffer{};
  const char* reason = strerror_r(error_number, buffer.data(), buffer.size());
  return {code_of_errno(error_number), std::string(what) + ": " + reason};
}

}  // namespace ktl
