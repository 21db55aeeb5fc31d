#include "oci/registry/authorizer.h"

#include "base/base64.h"
#include "base/json.h"
#include "http/url.h"
#include "oci/reference.h"

namespace ktl::oci {
namespace {

constexpr int64_t kMaxTokenAnswer = 1 << 20;
constexpr const char* kClientId = "ktl";

std::string basic(const Credentials& credentials) {
  std::string pair = credentials.user() + ":" + credentials.secret();
  std::string value = "Basic " + base64_encode(pair);
  Credentials::wipe(pair);
  return value;
}

// The GET of the token protocol: scope and service in the query, a password as basic credentials.
http::Request token_request(const Challenge& challenge, const std::string& scope,
                            const std::optional<Credentials>& credentials) {
  http::Request request;
  std::string realm = challenge.param("realm");
  request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") +
                (scope.empty() ? "client_id=" + std::string(kClientId)
                               : "scope=" + http::percent_encode(scope));
  if (auto service = challenge.param("service"); !service.empty()) {
    request.url += "&service=" + http::percent_encode(service);
  }
  if (credentials) {
    request.headers.emplace_back("Authorization", basic(*credentials));
  }
  return request;
}

// The POST of the OAuth2 variant, which takes an identity token.
http::Request refresh_request(const Challenge& challenge, const std::string& scope,
                              const Credentials& credentials) {
  http::Request request;
  request.method = "POST";
  request.url = challenge.param("realm");
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = "grant_type=refresh_token&client_id=" + std::string(kClientId) +
                 "&service=" + http::percent_encode(challenge.param("service")) +
                 "&scope=" + http::percent_encode(scope) +
                 "&refresh_token=" + http::percent_encode(credentials.secret());
  return request;
}

}  // namespace

Authorizer::Authorizer(http::Transport& transport, std::string registry, std::string scope,
                       bool secure, CredentialSource source)
    : transport_(transport),
      registry_(std::move(registry)),
      scope_(std::move(scope)),
      secure_(secure),
      source_(std::move(source)) {}

Authorizer::~Authorizer() { Credentials::wipe(value_); }

Authorizer::Ticket Authorizer::ticket() {
  std::lock_guard lock(mutex_);
  return {value_, generation_};
}

Status Authorizer::answer(const Challenge& challenge, const Ticket& used) {
  std::lock_guard lock(mutex_);
  if (used.generation != generation_) {
    return {};
  }
  auto header = header_for(challenge);
  if (!header.ok()) {
    return std::move(header).status();
  }
  Credentials::wipe(value_);
  value_ = *std::move(header);
  ++generation_;
  return {};
}

Status Authorizer::denied(const std::string& why) const {
  return Status(Code::kUnauthenticated, registry_ + " " + why)
      .advise("log in with `ktl login " + registry_ +
              "`, or name a file of credentials with "
              "--authfile");
}

Result<std::string> Authorizer::header_for(const Challenge& challenge) {
  std::optional<Credentials> credentials;
  if (source_) {
    KTL_ASSIGN(credentials, source_(registry_));
  }
  if (challenge.scheme == "bearer") {
    return fetch_token(challenge, credentials);
  }
  if (challenge.scheme != "basic") {
    return denied("refuses the request and offers no way to authenticate that ktl knows");
  }
  if (!credentials) {
    return denied("wants a user and a password, and none are known");
  }
  if (credentials->is_identity_token()) {
    return denied("wants a user and a password, and only an identity token is known");
  }
  return basic(*credentials);
}

Result<std::string> Authorizer::fetch_token(const Challenge& challenge,
                                            const std::optional<Credentials>& credentials) {
  auto realm = http::parse_url(challenge.param("realm"));
  bool trusted = realm.ok() && (realm->scheme == "https" || !secure_) &&
                 (!http::is_loopback(realm->host) || is_loopback_registry(registry_));
  if (!trusted) {
    return denied("names no token server that can be trusted (realm \"" +
                  valid_utf8(challenge.param("realm").substr(0, 200)) + "\")");
  }
  http::Request request = credentials && credentials->is_identity_token()
                              ? refresh_request(challenge, scope_, *credentials)
                              : token_request(challenge, scope_, credentials);
  request.response_limit = kMaxTokenAnswer;
  auto answer = transport_.send(request);
  Credentials::wipe(request.body);
  if (!answer.ok()) {
    return std::move(answer).status().in("token server of " + registry_);
  }
  if (!answer->ok()) {
    return denied("has a token server at " + realm->origin() + " that answered HTTP " +
                  std::to_string(answer->status) +
                  (credentials ? " to the credentials" : " (no credentials are known)"));
  }
  auto document = parse_json(answer->body, kMaxTokenAnswer);
  Credentials::wipe(answer->body);
  std::string token;
  if (document.ok()) {
    token = text_of(*document, "token", text_of(*document, "access_token"));
  }
  if (token.empty()) {
    return denied("has a token server at " + realm->origin() + " that gave no token");
  }
  return "Bearer " + token;
}

}  // namespace ktl::oci
