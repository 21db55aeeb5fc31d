// Redirects: where an answer may send a client.
#pragma once

#include "http/client.h"
#include "http/url.h"

namespace ktl::http {

inline constexpr int kMostRedirects = 10;

// The statuses that name another place (RFC 9110, 15.4): 301, 302, 303, 307, 308.
bool is_redirect(int status);

// kPermissionDenied from TLS to plain text, and from elsewhere to what is_near().
Status may_follow(const Url& from, const Url& to);

// Sends a GET and follows where it is led, as far as may_follow() lets it: the last answer, which
// is a redirect still after kMostRedirects. Failures as Transport::send and may_follow.
Result<Response> send_and_follow(Transport& transport, Request request);

}  // namespace ktl::http
