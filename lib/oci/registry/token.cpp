#include "oci/registry/token.h"

#include <algorithm>

#include "base/base64.h"
#include "base/json.h"
#include "http/url.h"
#include "oci/reference.h"

namespace ktl::oci {
namespace {

constexpr int64_t kMaxTokenAnswer = 1 << 20;
constexpr int64_t kTimeoutMs = 30'000;
constexpr int64_t kMaxSeconds = 24 * 60 * 60;
constexpr const char* kClientId = "ktl";

// The GET of the token protocol: scopes and service in the query, a password as basic credentials.
http::Request token_request(const Challenge& challenge, const TokenWish& wish,
                            const std::optional<Credentials>& credentials) {
  http::Request request;
  std::string realm = challenge.param("realm");
  request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&");
  for (const std::string& scope : wish.scopes) {
    request.url += "scope=" + http::percent_encode(scope) + "&";
  }
  request.url += "client_id=" + std::string(kClientId);
  if (auto service = challenge.param("service"); !service.empty()) {
    request.url += "&service=" + http::percent_encode(service);
  }
  if (credentials) {
    request.headers.emplace_back("Authorization", basic_header(*credentials));
  }
  return request;
}

// The POST of the OAuth2 variant, which takes an identity token.
http::Request refresh_request(const Challenge& challenge, const TokenWish& wish,
                              const Credentials& credentials) {
  std::string scopes;
  for (const std::string& scope : wish.scopes) {
    scopes += (scopes.empty() ? "" : " ") + scope;
  }
  http::Request request;
  request.method = "POST";
  request.url = challenge.param("realm");
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = "grant_type=refresh_token&client_id=" + std::string(kClientId) +
                 "&service=" + http::percent_encode(challenge.param("service")) +
                 "&scope=" + http::percent_encode(scopes) +
                 "&refresh_token=" + http::percent_encode(credentials.secret());
  return request;
}

Token token_of(const json::value& answer) {
  const std::string_view text = text_of(answer, "token", text_of(answer, "access_token"));
  const int64_t seconds = int_of(answer, "expires_in", Token::kUsualSeconds);
  return Token(std::string(text), std::clamp(seconds, Token::kUsualSeconds, kMaxSeconds));
}

}  // namespace

std::string basic_header(const Credentials& credentials) {
  std::string pair = credentials.user() + ":" + credentials.secret();
  std::string value = "Basic " + base64_encode(pair);
  Credentials::wipe(pair);
  return value;
}

Status denied_by(const std::string& registry, const std::string& why) {
  return Status(Code::kUnauthenticated, registry + " " + why)
      .advise("log in with `ktl login " + registry +
              "`, or name a file of credentials with "
              "--authfile");
}

Result<Token> fetch_token(http::Transport& transport, const TokenWish& wish,
                          const Challenge& challenge,
                          const std::optional<Credentials>& credentials) {
  auto realm = http::parse_url(challenge.param("realm"));
  bool trusted = realm.ok() && (realm->scheme == "https" || !wish.secure) &&
                 (!http::is_near(realm->host) || is_loopback_registry(wish.registry));
  if (!trusted) {
    return denied_by(wish.registry, "names no token server that can be trusted (realm \"" +
                                        valid_utf8(challenge.param("realm").substr(0, 200)) +
                                        "\")");
  }
  http::Request request = credentials && credentials->is_identity_token()
                              ? refresh_request(challenge, wish, *credentials)
                              : token_request(challenge, wish, credentials);
  request.response_limit = kMaxTokenAnswer;
  request.timeout_ms = kTimeoutMs;
  request.route.as_for = wish.registry;
  auto answer = transport.send(request);
  Credentials::wipe(request.body);
  if (!answer.ok()) {
    return std::move(answer).status().in("token server of " + wish.registry);
  }
  if (!answer->ok()) {
    return denied_by(wish.registry,
                     "has a token server at " + realm->origin() + " that answered HTTP " +
                         std::to_string(answer->status) +
                         (credentials ? " to the credentials" : " (no credentials are known)"));
  }
  auto document = parse_json(answer->body, kMaxTokenAnswer);
  Credentials::wipe(answer->body);
  Token token = document.ok() ? token_of(*document) : Token();
  return token.empty()
             ? Result<Token>(denied_by(wish.registry, "has a token server at " + realm->origin() +
                                                          " that gave no token"))
             : std::move(token);
}

}  // namespace ktl::oci
