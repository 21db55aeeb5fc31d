#include "kept.h"

#include <algorithm>

#include "lock/kept_name.h"
#include "lock/lock_file.h"
#include "lock/pinned.h"

namespace ktl::solver {
namespace {

constexpr std::string_view kImage = "docker-image://";
constexpr std::string_view kGit = "git://";
constexpr size_t kMostGiven = 200'000;

const json::array& list_of(const json::value& document, std::string_view key) {
  static const json::array kNone;
  const json::value* list = field_of(document, key);
  return list == nullptr || !list->is_array() ? kNone : list->get_array();
}

bool is_web(const std::string& identifier) {
  return identifier.starts_with("http://") || identifier.starts_with("https://");
}

// "HOST/PATH" of "git://HOST/PATH.git#REF:FOLDER".
std::string repository_of(std::string_view identifier) {
  identifier.remove_prefix(kGit.size());
  identifier = identifier.substr(0, identifier.find_first_of("#?"));
  identifier.remove_prefix(identifier.find('@') + 1);  // npos + 1 is 0
  std::string name(identifier);
  std::ranges::replace(name, ':', '/');
  return name.ends_with(".git") ? name.substr(0, name.size() - 4) : name;
}

// The same folder of the repository, at that commit.
std::string at_commit(const std::string& identifier, const std::string& commit) {
  const size_t hash = identifier.find('#');
  const size_t colon = hash == std::string::npos ? std::string::npos : identifier.find(':', hash);
  return identifier.substr(0, hash) + "#" + commit +
         (colon == std::string::npos ? "" : identifier.substr(colon));
}

}  // namespace

Kept::Kept(const json::value& document, std::string session)
    : holds_(document.is_object()), session_(std::move(session)) {
  if (!holds_) {
    return;
  }
  url_ = text_of(document, "url");
  for (const json::value& image : list_of(document, "images")) {
    images_[std::string(text_of(image, "ref"))] = {std::string(text_of(image, "digest")),
                                                   bool_of(image, "here")};
  }
  for (const json::value& one : list_of(document, "repositories")) {
    repositories_[std::string(text_of(one, "name"))] = text_of(one, "commit");
  }
}

std::optional<Source> Kept::pinned(const Asked& asked) const {
  const std::string& identifier = asked.identifier;
  if (identifier.starts_with(kImage) && identifier.find('@') == std::string::npos) {
    const auto image = images_.find(lock::image_key(identifier.substr(kImage.size())));
    return image == images_.end()
               ? std::optional<Source>()
               : Source{identifier + "@" + image->second.digest, asked.attributes};
  }
  if (identifier.starts_with(kGit) && !lock::check_pinned(identifier, "", "").ok()) {
    const auto repository = repositories_.find(repository_of(identifier));
    return repository == repositories_.end()
               ? std::optional<Source>()
               : Source{at_commit(identifier, repository->second), asked.attributes};
  }
  return std::nullopt;
}

std::optional<Source> Kept::instead_of(const Asked& asked, const std::string& step) {
  if (!holds_) {
    return std::nullopt;
  }
  if (asked.identifier.starts_with(kImage)) {
    std::optional<Source> image = image_instead(asked);
    return image ? remember(*std::move(image), {}) : std::nullopt;
  }
  if (!is_web(asked.identifier) || url_.empty()) {
    return std::nullopt;
  }
  const std::string own = lock::instruction_of(step);
  return remember({url_ + "/" + lock::kept_name(own, asked.identifier), asked.attributes},
                  {asked.identifier, own});
}

// Out of the session, with the name it has: what the frontend makes of it stays the same build.
std::optional<Source> Kept::image_instead(const Asked& asked) const {
  const size_t at = asked.identifier.find('@');
  const std::string digest =
      at == std::string::npos ? std::string() : asked.identifier.substr(at + 1);
  const bool here = std::ranges::any_of(images_, [&](const auto& entry) {
    return entry.second.here && entry.second.digest == digest;
  });
  if (!here) {
    return std::nullopt;
  }
  return Source{"oci-layout://" + asked.identifier.substr(kImage.size()),
                {{"oci.session", session_}, {"oci.store", kKeptStore}}};
}

std::optional<Source> Kept::remember(Source source, const Origin& origin) {
  const std::lock_guard lock(mutex_);
  if (given_.size() >= kMostGiven) {
    return std::nullopt;
  }
  given_[source.identifier] = origin;
  return source;
}

bool Kept::gave(const std::string& identifier) const {
  const std::lock_guard lock(mutex_);
  return given_.contains(identifier);
}

std::optional<Kept::Origin> Kept::origin_of(const std::string& url) const {
  const std::lock_guard lock(mutex_);
  const auto found = given_.find(url);
  return found == given_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Kept::Origin> Kept::not_got(const std::set<std::string>& got) const {
  const std::lock_guard lock(mutex_);
  std::vector<Origin> missing;
  for (const auto& [url, origin] : given_) {
    if (!origin.step.empty() && !got.contains(url)) {
      missing.push_back(origin);
    }
  }
  return missing;
}

}  // namespace ktl::solver
