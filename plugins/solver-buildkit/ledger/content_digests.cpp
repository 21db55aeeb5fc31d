#include "ledger/content_digests.h"

#include <optional>
#include <vector>

#include "base/json.h"
#include "base/sha256.h"
#include "dockerfile/glob.h"
#include "dockerfile/patterns.h"

namespace ktl::solver {
namespace {

// The kernel's coarse clock, which stamps files, may be behind by a tick.
constexpr int64_t kTickNs = 10'000'000;

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  return parts;
}

// Which entries of a folder a selection takes.
class Choice {
 public:
  enum class Answer : uint8_t { kNo, kYes, kUnclear };

  static Result<Choice> make(const ledger::Selection& selection) {
    Choice choice;
    bool wild = false;
    for (std::string_view part : parts_of(selection.path)) {
      wild = wild || (selection.wildcard && part.find_first_of("*?[\\") != std::string_view::npos);
      if (!wild) {
        choice.prefix_ += (choice.prefix_.empty() ? "" : "/") + std::string(part);
      }
      // In a plain path, every character means itself.
      KTL_ASSIGN(dockerfile::Glob glob,
                 dockerfile::Glob::parse(selection.wildcard ? std::string(part) : literal(part)));
      choice.clear_ = choice.clear_ && part != "..";
      choice.globs_.push_back(std::move(glob));
    }
    if (!wild) {  // the patterns are about what is below one folder
      KTL_ASSIGN(auto exclude, dockerfile::PatternMatcher::parse(selection.exclude));
      choice.exclude_ = std::move(exclude);
    }
    return choice;
  }

  // What every path that is chosen begins with.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  // False: the path climbs, and nobody here knows where it ends.
  [[nodiscard]] bool clear() const { return clear_; }

  [[nodiscard]] Answer judge(const std::string& path, const SentFile& file) const {
    const std::vector<std::string_view> parts = parts_of(path);
    const bool link = (file.mode & filesync::kGoSymlink) != 0;
    for (size_t i = 0; i < std::min(parts.size(), globs_.size()); ++i) {
      if (!globs_[i].matches(parts[i])) {
        return Answer::kNo;
      }
    }
    if (link && parts.size() <= globs_.size() && !globs_.empty()) {
      return Answer::kUnclear;  // it leads somewhere else
    }
    if (parts.size() < globs_.size()) {
      return Answer::kNo;
    }
    const bool below = parts.size() > globs_.size();
    const std::string_view rest =
        below ? std::string_view(path).substr(parts[globs_.size()].data() - path.data()) : "";
    return below && exclude_ && exclude_->matches(rest) ? Answer::kNo : Answer::kYes;
  }

 private:
  static std::string literal(std::string_view text) {
    std::string escaped;
    for (char c : text) {
      escaped += std::string_view("*?[\\").find(c) == std::string_view::npos ? "" : "\\";
      escaped += c;
    }
    return escaped;
  }

  std::string prefix_;
  std::vector<dockerfile::Glob> globs_;
  std::optional<dockerfile::PatternMatcher> exclude_;
  bool clear_ = true;
};

using Entries = std::vector<const std::pair<const std::string, SentFile>*>;

// Whether the way to `path` leads over a symlink, so that it is somewhere else.
bool over_symlink(const SentFiles& sent, const std::string& path) {
  for (size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
    auto found = sent.files().find(path.substr(0, end));
    if (found != sent.files().end() && (found->second.mode & filesync::kGoSymlink) != 0) {
      return true;
    }
  }
  return false;
}

// The chosen entries; nothing when it is unclear which. Adds to `looks` how many were looked at.
std::optional<Entries> chosen(const SentFiles& sent, const Choice& choice, size_t& looks) {
  const std::string& prefix = choice.prefix();
  if (!choice.clear() || over_symlink(sent, prefix)) {
    return std::nullopt;
  }
  Entries some;
  for (auto each = sent.files().lower_bound(prefix);
       each != sent.files().end() && each->first.starts_with(prefix); ++each) {
    ++looks;
    const Choice::Answer answer = choice.judge(each->first, each->second);
    if (answer == Choice::Answer::kUnclear) {
      return std::nullopt;
    }
    if (answer == Choice::Answer::kYes) {
      some.push_back(&*each);
    }
  }
  return some;
}

Entries all_of(const SentFiles& sent) {
  Entries all;
  for (const auto& each : sent.files()) {
    all.push_back(&each);
  }
  return all;
}

}  // namespace

Result<std::string> ContentDigests::line_of(const SharedFolder& folder, const std::string& path,
                                            const SentFile& file) {
  std::string content;
  if ((file.mode & filesync::kGoTypes) == 0) {
    if (file.ctime_ns >= began_ns_ - kTickNs) {
      return Status(Code::kFailedPrecondition, path + " changed when the build had begun");
    }
    KTL_ASSIGN(content, files_.digest_of(folder.root.get(), path, file));
  }
  return std::to_string(path.size()) + ":" + path + " " + std::to_string(file.mode) + " " +
         content + " " + file.more + "\n";
}

Result<std::string> ContentDigests::digest_of(const ledger::Selection& selection) {
  const std::string name = json::serialize(
      json::array{selection.folder, selection.path, selection.wildcard,
                  json::value_from(selection.include), json::value_from(selection.exclude)});
  if (auto found = known_.find(name); found != known_.end()) {
    return found->second;
  }
  KTL_ASSIGN(std::string digest, count(selection));
  known_[name] = digest;
  return digest;
}

Result<std::string> ContentDigests::count(const ledger::Selection& selection) {
  auto folder = folders_.find(selection.folder);
  if (folder == folders_.end() || folder->second.sent->incomplete()) {
    return Status(Code::kNotFound, "nobody saw all of the folder " + selection.folder);
  }
  const SentFiles& sent = *folder->second.sent;
  KTL_ASSIGN(const Choice choice, Choice::make(selection));
  if (looked_at_ > kMostLooks) {
    return Status(Code::kResourceExhausted, "the steps select more than one build looks at");
  }
  const std::optional<Entries> some = chosen(sent, choice, looked_at_);
  const Entries entries = some ? *some : all_of(sent);
  looked_at_ += entries.size();
  Sha256 sum;
  for (const auto* each : entries) {
    KTL_ASSIGN(const std::string line, line_of(folder->second, each->first, each->second));
    sum.update(line);
  }
  return "sha256:" + sum.hex();
}

}  // namespace ktl::solver
