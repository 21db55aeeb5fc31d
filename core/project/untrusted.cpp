#include "core/project/untrusted.h"

#include <algorithm>
#include <array>

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kTrustedKeys = {"plugins", "plugin-dirs", "builder",
                                                          "builders", "registries"};

// What is allowed; every other flag is refused. kPair: NAME=VALUE, since NAME alone reads the
// caller's environment. kInside: a path below the file's folder. kContext: NAME=PATH inside, or an
// image. A word in `only` is the one that makes things stricter.
enum class Rule { kAny, kPair, kInside, kContext, kOnly };
struct Allowed {
  std::string_view option;
  Rule rule = Rule::kAny;
  std::string_view only;
};
constexpr std::array<Allowed, 18> kAllowed = {{
    {"file", Rule::kInside},
    {"target", Rule::kAny},
    {"platform", Rule::kAny},
    {"tag", Rule::kAny},
    {"build-arg", Rule::kPair},
    {"build-context", Rule::kContext},
    {"label", Rule::kAny},
    {"annotation", Rule::kAny},
    {"no-cache-filter", Rule::kAny},
    {"require", Rule::kAny},
    {"network", Rule::kOnly, "none"},
    {"pull", Rule::kOnly, "true"},
    {"no-cache", Rule::kOnly, "true"},
    {"hermetic", Rule::kOnly, "true"},
    {"locked", Rule::kOnly, "true"},
    {"secure", Rule::kOnly, "true"},
    {"secrets", Rule::kOnly, "block"},
    {"policy-mode", Rule::kOnly, "enforce"},
}};

// Both sides with their symlinks resolved, as far as they exist.
bool is_inside(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  fs::path resolved = fs::weakly_canonical(path, error);
  fs::path root = error ? fs::path() : fs::weakly_canonical(folder, error);
  fs::path relative = error ? fs::path() : resolved.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

class Checker {
 public:
  Checker(const Project& project, const Status& why)
      : folder_(project.file.parent_path()), why_(why) {}

  Status check(const ProjectSettings& settings) const {
    for (const ProjectSetting& setting : settings) {
      KTL_TRY(setting.overridden ? Status() : check(setting));
    }
    return {};
  }

  Status check_context(const Target& target) const {
    bool own = !target.context_origin.starts_with("flag ");
    return own && !is_inside(target.context, folder_)
               ? refuse("\"context\" leads out of the project's folder", target.context_origin)
               : Status();
  }

 private:
  [[nodiscard]] Status check(const ProjectSetting& setting) const {
    const auto* allowed = std::ranges::find(kAllowed, setting.option, &Allowed::option);
    if (allowed == kAllowed.end()) {
      return refuse("--" + setting.option + " cannot be set here", setting.origin);
    }
    if (allowed->rule == Rule::kOnly && setting.words != std::vector{std::string(allowed->only)}) {
      return refuse("--" + setting.option + " may only be " + std::string(allowed->only) + " here",
                    setting.origin);
    }
    for (const std::string& word : setting.words) {
      if (allowed->rule == Rule::kPair && word.find('=') == std::string::npos) {
        return refuse("\"" + word + "\" would be read from the environment", setting.origin);
      }
      if (!path_fits(allowed->rule, word)) {
        return refuse("--" + setting.option + " leads out of the project's folder", setting.origin);
      }
    }
    return {};
  }

  [[nodiscard]] bool path_fits(Rule rule, std::string_view word) const {
    if (rule == Rule::kContext) {
      word.remove_prefix(std::min(word.find('=') + 1, word.size()));
      return word.starts_with("docker-image://") ||
             (!is_address(word) && is_inside(folder_ / word, folder_));
    }
    return rule != Rule::kInside || is_inside(folder_ / word, folder_);
  }

  [[nodiscard]] Status refuse(const std::string& what, const std::string& origin) const {
    return Status(Code::kInvalidArgument, what + ": " + why_.message())
        .at(origin)
        .advise(why_.next());
  }

  fs::path folder_;
  const Status& why_;
};

}  // namespace

Status check_untrusted_keys(const ProjectSource& source, const json::value& document,
                            const Status& why) {
  for (std::string_view key : kTrustedKeys) {
    if (field_of(document, key) != nullptr) {
      return source
          .fault("/" + std::string(key),
                 "\"" + std::string(key) + "\" cannot be set here: " + why.message())
          .advise(why.next());
    }
  }
  return {};
}

Status check_untrusted(const Project& project, const Status& why) {
  Checker checker(project, why);
  KTL_TRY(checker.check(project.defaults));
  KTL_TRY(checker.check(project.build));
  for (const Target& target : project.targets) {
    KTL_TRY(checker.check_context(target));
    KTL_TRY(checker.check(target.settings));
  }
  for (const Profile& profile : project.profiles) {
    KTL_TRY(checker.check(profile.settings));
  }
  return {};
}

}  // namespace ktl
