#include "http/redirect.h"

namespace ktl::http {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Status may_follow(const Url& from, const Url& to) {
  const bool downgrade = from.scheme == "https" && to.scheme != "https";
  const bool inward = !is_near(from.host) && is_near(to.host);
  if (downgrade || inward) {
    return {Code::kPermissionDenied,
            from.origin() + " sends ktl to " + to.origin() + ", which it does not follow"};
  }
  return {};
}

Result<Response> send_and_follow(Transport& transport, Request request) {
  for (int hop = 0;; ++hop) {
    KTL_ASSIGN(Response answer, transport.send(request));
    if (!is_redirect(answer.status) || hop >= kMostRedirects) {
      return answer;
    }
    KTL_ASSIGN(const Url here, parse_url(request.url));
    KTL_ASSIGN(const Url there, resolve(here, answer.header("location")));
    KTL_TRY(may_follow(here, there));
    request.url = there.str();
  }
}

}  // namespace ktl::http
