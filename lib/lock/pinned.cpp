#include "lock/pinned.h"

#include <algorithm>
#include <array>

#include "oci/reference.h"

namespace ktl::lock {
namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool drop(std::string_view& text, std::string_view prefix) {
  const bool has = text.starts_with(prefix);
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

bool query_names_commit(std::string_view query) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if ((drop(pair, "ref=") || drop(pair, "commit=") || drop(pair, "checksum=")) &&
        is_commit(pair)) {
      return true;
    }
  }
  return false;
}

Status refuse(std::string_view what, std::string_view how) {
  return Status(Code::kPermissionDenied, std::string(what) + " is not pinned")
      .advise(std::string(how));
}

}  // namespace

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && is_hex(text);
}

bool is_pinned_image(std::string_view ref) {
  const auto image = oci::parse_reference(ref);
  return image.ok() && !image->digest.empty();
}

bool is_pinned_file(std::string_view checksum) {
  constexpr std::array<std::pair<std::string_view, size_t>, 3> kKinds = {
      {{"sha256:", 64}, {"sha384:", 96}, {"sha512:", 128}}};
  return std::ranges::any_of(kKinds, [&](const auto& kind) {
    std::string_view hex = checksum;
    return drop(hex, kind.first) && hex.size() == kind.second && is_hex(hex);
  });
}

std::string_view pinned_commit(std::string_view identifier, std::string_view checksum) {
  if (is_commit(checksum)) {
    return checksum;
  }
  const size_t hash = identifier.find('#');
  identifier.remove_prefix(hash == std::string_view::npos ? identifier.size() : hash + 1);
  const std::string_view ref = identifier.substr(0, identifier.find(':'));
  return is_commit(ref) ? ref : std::string_view();
}

bool is_pinned_git(std::string_view ref, std::string_view checksum) {
  const std::string_view before = ref.substr(0, ref.find('#'));
  const size_t query = before.find('?');
  return !pinned_commit(ref, checksum).empty() ||
         (query != std::string_view::npos && query_names_commit(before.substr(query + 1)));
}

Status check_pinned(std::string_view identifier, std::string_view http_checksum,
                    std::string_view git_checksum) {
  std::string_view rest = identifier;
  if (drop(rest, "local://")) {
    return {};
  }
  for (const std::string_view scheme :
       {"docker-image://", "oci-layout://", "docker-image+blob://", "oci-layout+blob://"}) {
    if (drop(rest, scheme)) {
      return is_pinned_image(rest) ? Status() : refuse(rest, "name it by its digest, @sha256:...");
    }
  }
  if (drop(rest, "git://")) {
    return pinned_commit(rest, git_checksum).empty()
               ? refuse(identifier, "name a whole commit, #COMMIT")
               : Status();
  }
  if (rest.starts_with("http://") || rest.starts_with("https://")) {
    return is_pinned_file(http_checksum)
               ? Status()
               : refuse(identifier, "give its digest: ADD --checksum=sha256:...");
  }
  return {Code::kUnimplemented,
          std::string(identifier) + " is a kind of source that ktl cannot judge"};
}

}  // namespace ktl::lock
