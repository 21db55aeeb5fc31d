#include <algorithm>

#include "core/document/schema_rules.h"
#include "core/project/reach.h"

namespace ktl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// HOST[:PORT], the host a name, an IPv4 address or [IPv6].
bool is_host(std::string_view text) {
  auto colon = text.rfind(':');
  bool bracket = text.ends_with(']');
  if (colon != std::string_view::npos && !bracket) {
    auto port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_digit)) {
      return false;
    }
    text = text.substr(0, colon);
  }
  if (text.starts_with('[')) {
    return text.ends_with(']') && text.size() > 3 &&
           text.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string_view::npos;
  }
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
  });
}

bool is_mirror(std::string_view text) {
  auto slash = text.find('/');
  bool path = slash == std::string_view::npos ||
              text.substr(slash).find_first_of(" ?#@\\") == std::string_view::npos;
  return path && is_host(text.substr(0, slash));
}

class Reader {
 public:
  Reader(const ProjectSource& source, std::string_view host, const json::value& mapping)
      : source_(source), pointer_("/registries" + pointer_step(host)) {
    rule_ = {.host = std::string(host),
             .mirrors = texts_of(mapping, "mirrors"),
             .http = bool_of(mapping, "http"),
             .insecure = bool_of(mapping, "insecure"),
             .ca = std::string(text_of(mapping, "ca")),
             .proxy = std::string(text_of(mapping, "proxy")),
             .no_proxy = texts_of(mapping, "no-proxy"),
             .origin = source.place(pointer_)};
  }

  Result<RegistryRule> rule() {
    if (rule_.host != "*" && !is_host(rule_.host)) {
      return source_.fault(pointer_, "\"" + rule_.host + "\" is no registry")
          .advise("write HOST or HOST:PORT, as image names begin");
    }
    KTL_TRY(check_mirrors());
    KTL_TRY(check_proxy());
    if (rule_.http && (rule_.insecure || !rule_.ca.empty())) {
      return source_.fault(pointer_ + "/http", "without TLS there is no certificate to speak of")
          .advise("take either http or ca and insecure away");
    }
    if (!rule_.ca.empty()) {
      rule_.ca = source_.absolute(rule_.ca);
      KTL_TRY(source_.check_file(pointer_ + "/ca", rule_.ca));
    }
    return std::move(rule_);
  }

 private:
  [[nodiscard]] Status check_mirrors() const {
    for (size_t i = 0; i < rule_.mirrors.size(); ++i) {
      std::string pointer = pointer_ + "/mirrors/" + std::to_string(i);
      if (rule_.host == "*") {
        return source_.fault(pointer, "one mirror cannot stand for every registry")
            .advise("name the registry that it mirrors");
      }
      if (!is_mirror(rule_.mirrors[i])) {
        return source_.fault(pointer, "\"" + rule_.mirrors[i] + "\" is no mirror")
            .advise("write HOST[:PORT][/PATH]; a mirror without TLS gets an entry with http: true");
      }
    }
    return {};
  }

  [[nodiscard]] Status check_proxy() const {
    if (rule_.host != "*" && (!rule_.proxy.empty() || !rule_.no_proxy.empty())) {
      return source_
          .fault(pointer_ + (rule_.proxy.empty() ? "/no-proxy" : "/proxy"),
                 "a proxy is for all registries or for none")
          .advise("write it under \"*\"; no-proxy names what is reached directly");
    }
    if (rule_.proxy.empty()) {
      return {};
    }
    std::string_view rest = rule_.proxy;
    bool known = rest.starts_with("http://") || rest.starts_with("https://");
    rest.remove_prefix(known ? rest.find("://") + 3 : 0);
    if (rest.find('@') != std::string_view::npos) {
      return source_.fault(pointer_ + "/proxy", "a file is no place for a proxy's credentials")
          .advise("take them out and set HTTPS_PROXY instead");
    }
    rest = rest.ends_with('/') ? rest.substr(0, rest.size() - 1) : rest;
    return known && is_host(rest) ? Status()
                                  : source_.fault(pointer_ + "/proxy", "this is no proxy")
                                        .advise("write http://HOST:PORT or https://HOST:PORT");
  }

  const ProjectSource& source_;
  std::string pointer_;
  RegistryRule rule_;
};

}  // namespace

Result<std::vector<RegistryRule>> read_registries(const ProjectSource& source,
                                                  const json::value& document) {
  std::vector<RegistryRule> rules;
  const json::value* all = field_of(document, "registries");
  if (all == nullptr) {
    return rules;
  }
  for (const auto& member : all->get_object()) {
    KTL_ASSIGN(RegistryRule rule, Reader(source, member.key(), member.value()).rule());
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace ktl
