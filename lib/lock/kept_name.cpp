#include "lock/kept_name.h"

#include "base/sha256.h"
#include "http/url.h"

namespace ktl::lock {

std::string kept_name(std::string_view step, std::string_view url) {
  return sha256_hex(std::string(step) + "\n" + spelling(url));
}

std::string spelling(std::string_view url) {
  const auto parsed = http::parse_url(url);
  return parsed.ok() ? parsed->str() : std::string(url);
}

}  // namespace ktl::lock
