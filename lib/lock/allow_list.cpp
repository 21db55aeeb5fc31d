#include "lock/allow_list.h"

#include "http/url.h"

namespace ktl::lock {
namespace {

Status refuse(const std::string& entry) {
  return Status(Code::kInvalidArgument, "\"" + entry + "\" is no host to allow")
      .advise("write HOST or HOST:PORT, without scheme and path: pypi.org,10.0.0.7:8080");
}

bool names_port(std::string_view entry) {
  const size_t colon = entry.rfind(':');
  return colon != std::string_view::npos && entry.find(']', colon) == std::string_view::npos;
}

// The same URL without "user:password@".
std::string without_user(std::string_view url) {
  const size_t start = url.find("://");
  if (start == std::string_view::npos) {
    return std::string(url);
  }
  const size_t end = url.find_first_of("/?#", start + 3);
  const size_t at = url.substr(0, end).rfind('@');
  return at == std::string_view::npos || at < start
             ? std::string(url)
             : std::string(url.substr(0, start + 3)) + std::string(url.substr(at + 1));
}

}  // namespace

Result<AllowList> AllowList::parse(const std::vector<std::string>& entries) {
  AllowList list;
  for (const std::string& text : entries) {
    const auto url = http::parse_url("http://" + text);
    if (!url.ok() || text.find_first_of("/?#@") != std::string::npos) {
      return refuse(text);
    }
    list.entries_.push_back({text, url->host, names_port(text) ? url->port : uint16_t{0}});
  }
  return list;
}

std::optional<std::string> AllowList::match(std::string_view url) const {
  const auto asked = http::parse_url(without_user(url));
  if (!asked.ok()) {
    return std::nullopt;
  }
  for (const Entry& entry : entries_) {
    const bool usual = asked->port == 80 || asked->port == 443;
    if (entry.host == asked->host && (entry.port == 0 ? usual : entry.port == asked->port)) {
      return entry.text;
    }
  }
  return std::nullopt;
}

}  // namespace ktl::lock
