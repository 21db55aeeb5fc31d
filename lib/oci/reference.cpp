#include "oci/reference.h"

#include <algorithm>

#include "base/sha256.h"

namespace ktl::oci {
namespace {

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kLegacyDomain = "index.docker.io";
constexpr std::string_view kOfficial = "library/";
constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || is_upper(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Calls `each` with the pieces of `text` between `separator`s; false as soon as it is.
template <class F>
bool every_piece(std::string_view text, char separator, F&& each) {
  while (true) {
    size_t end = text.find(separator);
    if (!each(text.substr(0, end))) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(end + 1);
  }
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  std::string_view host = domain;
  size_t colon = domain.rfind(':');
  if (domain.starts_with('[')) {
    size_t end = domain.find(']');
    if (end == std::string_view::npos || end == 1) {
      return false;
    }
    auto address = domain.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(),
                     [](char c) { return is_hex(c) || c == ':'; })) {
      return false;
    }
    host = {};
    colon = end + 1 == domain.size() ? std::string_view::npos : end + 1;
    if (colon != std::string_view::npos && domain[colon] != ':') {
      return false;
    }
  } else {
    host = domain.substr(0, colon);
  }
  if (colon != std::string_view::npos) {
    auto port = domain.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) {
      return false;
    }
  }
  return domain.starts_with('[') || every_piece(host, '.', is_host_label);
}

// One path component: runs of [a-z0-9], joined by ".", "_", "__" or any number of "-".
bool is_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) {
    return false;
  }
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && !is_lower_or_digit(text[end])) {
      ++end;
    }
    auto separator = text.substr(at, end - at);
    bool dashes = separator.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") {
      return false;
    }
    at = std::max(end, at + 1);
  }
  return true;
}

bool is_tag(std::string_view tag) {
  auto word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !tag.empty() && tag.size() <= kMaxTag && word(tag.front()) &&
         std::all_of(tag.begin(), tag.end(),
                     [&](char c) { return word(c) || c == '.' || c == '-'; });
}

// What goes before the first slash is a registry when it could not be a folder of docker.io.
bool names_registry(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::any_of(first.begin(), first.end(), is_upper);
}

Status refuse(std::string_view text, const std::string& why) {
  std::string shown;
  for (char c : text.substr(0, 100)) {
    shown += c < ' ' || c == 0x7f ? '?' : c;  // the name may come from anywhere
  }
  return {Code::kInvalidArgument, "invalid image name \"" + shown + "\": " + why};
}

// Splits "domain/path" and fills in what docker leaves out.
void split_name(std::string_view name, Reference& made) {
  size_t slash = name.find('/');
  if (slash != std::string_view::npos && names_registry(name.substr(0, slash))) {
    made.domain = name.substr(0, slash);
    made.path = name.substr(slash + 1);
  } else {
    made.domain = kDefaultDomain;
    made.path = name;
  }
  if (made.domain == kLegacyDomain) {
    made.domain = kDefaultDomain;
  }
  if (made.domain == kDefaultDomain && made.path.find('/') == std::string::npos) {
    made.path.insert(0, kOfficial);
  }
}

Status check_name(std::string_view text, std::string_view name, const Reference& made) {
  if (name.empty()) {
    return refuse(text, "the name is empty");
  }
  if (name.size() == 64 && std::all_of(name.begin(), name.end(), is_hex) &&
      std::none_of(name.begin(), name.end(), is_upper)) {
    return refuse(text, "64 hexadecimal digits would be taken for an image id");
  }
  if (!is_domain(made.domain)) {
    return refuse(text, "\"" + made.domain.substr(0, 64) + "\" is no registry host");
  }
  if (made.path.size() > kMaxName) {
    return refuse(text, "the repository is longer than 255 characters");
  }
  if (std::any_of(made.path.begin(), made.path.end(), is_upper)) {
    return refuse(text, "the repository name must be lower case");
  }
  if (!every_piece(made.path, '/', is_component)) {
    return refuse(text, "the repository is made of a-z, 0-9 and single separators . _ - /");
  }
  return {};
}

}  // namespace

std::string Reference::str() const {
  return name() + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

std::string Reference::familiar() const {
  std::string text = str();
  if (domain == kDefaultDomain) {
    text.erase(0, kDefaultDomain.size() + 1);
    bool official = text.starts_with(kOfficial) && path.find('/') == kOfficial.size() - 1 &&
                    path.find('/', kOfficial.size()) == std::string::npos;
    text.erase(0, official ? kOfficial.size() : 0);
  }
  return text;
}

std::string Reference::registry_host() const {
  return domain == kDefaultDomain ? "registry-1.docker.io" : domain;
}

Result<Reference> parse_reference(std::string_view text) {
  Reference made;
  std::string_view name = text;
  if (size_t at = name.find('@'); at != std::string_view::npos) {
    made.digest = name.substr(at + 1);
    name = name.substr(0, at);
    if (!is_digest(made.digest)) {
      return refuse(text, "what follows @ is not sha256:<64 hex digits>");
    }
  }
  size_t colon = name.rfind(':');
  size_t slash = name.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    made.tag = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!is_tag(made.tag)) {
      return refuse(text, "a tag is up to 128 letters, digits, _ . - and starts with none of . -");
    }
  }
  split_name(name, made);
  KTL_TRY(check_name(text, name, made));
  return made;
}

Result<Reference> parse_tag(std::string_view text) {
  KTL_ASSIGN(Reference made, parse_reference(text));
  if (!made.digest.empty()) {
    return refuse(text, "a digest cannot be given to an image, only a name and a tag");
  }
  if (made.tag.empty()) {
    made.tag = "latest";
  }
  return made;
}

bool is_loopback_registry(std::string_view domain) {
  if (domain.starts_with('[')) {
    return domain.starts_with("[::1]");
  }
  std::string_view host = domain.substr(0, domain.rfind(':'));
  bool digits = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || (digits && host.starts_with("127.") && host.size() >= 7);
}

}  // namespace ktl::oci
