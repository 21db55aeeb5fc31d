#include "oci/registry/error_answer.h"

#include <algorithm>

#include "base/json.h"

namespace ktl::oci {
namespace {

constexpr size_t kMaxText = 300;
constexpr size_t kMaxAnswer = 64U << 10U;

Code code_of(int status) {
  switch (status) {
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 405:
    case 501:
      return Code::kUnimplemented;
    case 413:
    case 507:
      return Code::kResourceExhausted;
    default:
      return status == 408 || status == 429 || status >= 500 ? Code::kUnavailable
                                                             : Code::kFailedPrecondition;
  }
}

// What a terminal may see of text that came over the network.
std::string tame(std::string_view text) {
  std::string made = valid_utf8(text.substr(0, kMaxText));
  std::replace_if(
      made.begin(), made.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return made;
}

// " CODE: message" of the first entry of {"errors": [...]}.
std::string own_words(const http::Response& response) {
  auto document = parse_json(response.body, kMaxAnswer);
  const auto* errors = document.ok() ? field_of(*document, "errors") : nullptr;
  if (errors == nullptr || !errors->is_array() || errors->get_array().empty()) {
    return response.status == 401 ? " (the registry does not accept who asks)" : "";
  }
  const auto& first = errors->get_array().front();
  return " " + tame(text_of(first, "code")) + ": " + tame(text_of(first, "message"));
}

std::string advice(int status, const std::string& repository) {
  std::string registry = repository.substr(0, repository.find('/'));
  if (status == 401 || status == 403) {
    return "log in with `ktl login " + registry + "` as a user who may push to " + repository;
  }
  return status == 404 ? "check that the repository exists and that the user may see it" : "";
}

}  // namespace

Status failure_of_answer(const std::string& repository, const std::string& what,
                         const http::Response& response) {
  return Status(code_of(response.status), repository + ": " + what + ": HTTP " +
                                              std::to_string(response.status) + own_words(response))
      .advise(advice(response.status, repository));
}

}  // namespace ktl::oci
