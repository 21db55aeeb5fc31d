#include "http/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ktl::http {
namespace {

constexpr size_t kMaxUrl = 8192;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

Status refuse(std::string_view why) {
  return {Code::kInvalidArgument, "not a URL ktl follows: " + std::string(why)};
}

bool is_host(std::string_view host) {
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  auto inner = bracketed ? host.substr(1, host.size() - 2) : host;
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](char c) {
    return is_letter_or_digit(c) || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
  });
}

// Fills in host and port from "host[:port]".
Status parse_authority(std::string_view text, Url& url) {
  size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) != std::string_view::npos) {
    colon = std::string_view::npos;  // within an IPv6 address
  }
  url.host = lower(text.substr(0, colon));
  url.port = default_port(url.scheme);
  if (!is_host(url.host)) {
    return refuse("its host is malformed or it names a user");
  }
  if (colon == std::string_view::npos) {
    return {};
  }
  auto digits = text.substr(colon + 1);
  auto [end, error] = std::from_chars(digits.begin(), digits.end(), url.port);
  bool whole = error == std::errc() && end == digits.end() && url.port != 0;
  return whole ? Status() : refuse("its port is no number from 1 to 65535");
}

// In the machine's byte order.
bool is_near_v4(uint32_t address) {
  return address >> 24U == 0 || address >> 24U == 127 || address >> 16U == 0xA9FE;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return made;
}

std::string Url::origin() const {
  std::string text = scheme + "://" + host;
  return port == default_port(scheme) ? text : text + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  auto harmless = [](unsigned char c) { return c > ' ' && c < 0x7f && c != '\\'; };
  if (text.size() > kMaxUrl || !std::all_of(text.begin(), text.end(), harmless)) {
    return refuse("too long, or with spaces or control characters");
  }
  Url url;
  size_t colon = text.find("://");
  url.scheme = colon == std::string_view::npos ? "" : lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return refuse("it starts with neither http:// nor https://");
  }
  auto rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  size_t end = std::min(rest.find_first_of("/?"), rest.size());
  KTL_TRY(parse_authority(rest.substr(0, end), url));
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) {
    url.target.insert(0, "/");
  }
  return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  if (reference.find("://") < reference.find_first_of("/?#")) {
    return parse_url(reference);
  }
  if (reference.starts_with("//")) {
    return parse_url(base.scheme + ":" + std::string(reference));
  }
  std::string_view path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.starts_with('/')) {
    path = {};
  } else if (!reference.starts_with('?')) {
    path = path.substr(0, path.rfind('/') + 1);
  }
  return parse_url(base.origin() + std::string(path) + std::string(reference));
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string made;
  for (char c : text) {
    if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      made += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      made += '%';
      made += kDigits[byte >> 4U];
      made += kDigits[byte & 15U];
    }
  }
  return made;
}

bool is_loopback(std::string_view host) {
  bool digits = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || (digits && host.starts_with("127."));
}

Status near_refused(std::string_view host) {
  return {Code::kPermissionDenied, std::string(host) + " is this machine or its link"};
}

bool is_near(std::string_view host) {
  const std::string name = lower(host);
  if (name == "localhost" || name.ends_with(".localhost") || name.ends_with("localhost.")) {
    return true;
  }
  in_addr v4{};
  if (!name.empty() && ::inet_aton(name.c_str(), &v4) != 0) {
    return is_near_v4(ntohl(v4.s_addr));
  }
  in6_addr v6{};
  if (name.size() < 2 || name.front() != '[' ||
      ::inet_pton(AF_INET6, name.substr(1, name.size() - 2).c_str(), &v6) != 1) {
    return false;
  }
  uint32_t last = 0;
  std::memcpy(&last, &v6.s6_addr[12], sizeof last);
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
         (IN6_IS_ADDR_V4MAPPED(&v6) && is_near_v4(ntohl(last)));
}

}  // namespace ktl::http
