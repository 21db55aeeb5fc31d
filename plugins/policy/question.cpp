#include "question.h"

#include "http/url.h"
#include "oci/reference.h"

namespace ktl::policy {
namespace {

constexpr std::string_view kLibrary = "library/";

void put(json::object& into, std::string_view key, std::string value) {
  if (!value.empty()) {
    into[key] = std::move(value);
  }
}

Result<json::object> image_input(std::string_view ref, std::string_view pin) {
  KTL_ASSIGN(const oci::Reference image, oci::parse_reference(ref));
  const bool official = image.domain == "docker.io" && image.path.starts_with(kLibrary);
  const std::string digest = image.digest.empty() ? std::string(pin) : image.digest;
  json::object fields{{"ref", std::string(ref)},
                      {"host", image.domain},
                      {"repo", official ? image.path.substr(kLibrary.size()) : image.path},
                      {"fullRepo", image.name()},
                      {"isCanonical", !image.digest.empty()}};
  put(fields, "tag", image.digest.empty() && image.tag.empty() ? "latest" : image.tag);
  put(fields, "checksum", digest);
  return json::object{{"image", std::move(fields)}};
}

json::object query_of(std::string_view target) {
  json::object query;
  const size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    json::value& values = query[pair.substr(0, equals)];
    if (!values.is_array()) {
      values.emplace_array();
    }
    values.get_array().emplace_back(pair.substr(std::min(equals + 1, pair.size())));
  }
  return query;
}

// The host as it stands there: with the port when it is not the scheme's own.
std::string host_of(const http::Url& url) {
  const uint16_t usual = url.scheme == "https" ? 443 : 80;
  return url.port == usual ? url.host : url.host + ":" + std::to_string(url.port);
}

Result<json::object> http_input(std::string_view ref, std::string_view checksum) {
  KTL_ASSIGN(const http::Url url, http::parse_url(ref));
  json::object fields{{"url", std::string(ref)},
                      {"schema", url.scheme},
                      {"host", host_of(url)},
                      {"path", url.target.substr(0, url.target.find('?'))},
                      {"query", query_of(url.target)}};
  put(fields, "checksum", std::string(checksum));
  return json::object{{"http", std::move(fields)}};
}

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "https://host/path.git#ref:subdir", "git@host:path"; what has no scheme is spoken over ssh.
json::object git_input(std::string_view whole, std::string_view commit) {
  const size_t mark = std::min(whole.find('#'), whole.size());
  const std::string_view remote = whole.substr(0, mark);
  const std::string_view fragment = whole.substr(std::min(mark + 1, whole.size()));
  const size_t colon = std::min(fragment.find(':'), fragment.size());
  const std::string_view ref = fragment.substr(0, colon);
  const size_t scheme_end = remote.find("://");
  std::string_view rest =
      scheme_end == std::string_view::npos ? remote : remote.substr(scheme_end + 3);
  const size_t at = rest.substr(0, rest.find('/')).rfind('@');
  rest.remove_prefix(at == std::string_view::npos ? 0 : at + 1);
  const std::string_view ends = scheme_end == std::string_view::npos ? ":/" : "/";
  json::object fields{
      {"schema", scheme_end == std::string_view::npos ? "ssh" : remote.substr(0, scheme_end)},
      {"host", rest.substr(0, rest.find_first_of(ends))},
      {"remote", remote},
      {"fullURL", whole},
      {"isCommitRef", is_commit(ref)}};
  put(fields, "ref", std::string(ref));
  put(fields, "subDir", std::string(fragment.substr(std::min(colon + 1, fragment.size()))));
  put(fields, "checksum", std::string(commit.empty() && is_commit(ref) ? ref : commit));
  return {{"git", std::move(fields)}};
}

bool is_git(std::string_view ref, std::string_view identifier) {
  const std::string_view bare = ref.substr(0, ref.find('#'));
  return identifier.starts_with("git://") || ref.starts_with("git@") || ref.starts_with("git://") ||
         ref.starts_with("ssh://") || bare.ends_with(".git");
}

}  // namespace

Result<std::optional<json::object>> buildx_input(const json::value& question) {
  const json::value* source = field_of(question, "source");
  if (text_of(question, "kind") != "source" || source == nullptr) {
    return std::optional<json::object>();
  }
  const std::string_view ref = text_of(*source, "ref");
  if (is_git(ref, text_of(*source, "identifier"))) {
    return std::optional(git_input(ref, text_of(*source, "commit")));
  }
  if (ref.starts_with("http://") || ref.starts_with("https://")) {
    KTL_ASSIGN(json::object input, http_input(ref, text_of(*source, "checksum")));
    return std::optional(std::move(input));
  }
  KTL_ASSIGN(json::object input, image_input(ref, text_of(*source, "digest")));
  return std::optional(std::move(input));
}

json::object buildx_local_input(std::string_view name) {
  return {{"local", json::object{{"name", name}}}};
}

}  // namespace ktl::policy
