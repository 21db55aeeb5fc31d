#include "core/pipeline/recorded.h"

#include <set>

#include "core/document/fields.h"
#include "core/pipeline/step_fence.h"
#include "http/url.h"
#include "lock/pinned.h"

namespace ktl {
namespace {

constexpr std::string_view kImage = "docker-image://";

using Texts = std::map<std::string, std::string>;

Texts texts_in(const json::object& recording, std::string_view list, std::string_view value) {
  Texts texts;
  for (const json::value& each : array_of(recording, list)) {
    texts[std::string(text_of(each, "uri"))] = text_of(each, value);
  }
  return texts;
}

// The builder's own words for why it knows no digest, for people.
std::string sentence_of(std::string_view reason) {
  static const std::map<std::string_view, std::string> kSentences = {
      {"partial_response", "it asks for a part of a file (Range)"},
      {"response_transformed", "its content is encoded on the way"},
      {"body_read_failed", "the step did not read it to its end"},
      {"upstream_error", "no answer came"}};
  const auto known = kSentences.find(reason);
  return known == kSentences.end() ? std::string() : known->second;
}

// "https://host/r.git#main" of "https://host/r.git#main:folder" and of "...r.git?ref=main": as a
// provenance names a repository.
std::string repository_uri(const std::string& ref) {
  const size_t hash = ref.find('#');
  const std::string fragment = hash == std::string::npos ? "" : ref.substr(hash + 1);
  const std::string before = ref.substr(0, hash);
  const size_t query = before.find('?');
  std::string branch = fragment.substr(0, fragment.find(':'));
  for (size_t at = query; at != std::string::npos && branch.empty();
       at = before.find('&', at + 1)) {
    for (const std::string_view key : {"ref=", "branch=", "tag=", "commit="}) {
      if (before.compare(at + 1, key.size(), key) == 0) {
        const size_t value = at + 1 + key.size();
        branch = before.substr(value, before.find('&', value) - value);
      }
    }
  }
  return before.substr(0, query) + (branch.empty() ? "" : "#" + branch);
}

class Reader {
 public:
  explicit Reader(const Build& build)
      : build_(build), recording_(object_of(build.solved, "recording")) {}

  lock::Recorded read() {
    take_images();
    take_files();
    take_repositories();
    take_steps();
    take_unlisted();
    all_.whole = bool_of(recording_, "whole");
    return std::move(all_);
  }

 private:
  // The builder asks for an image by its name first, then by name and digest. Where both are asked
  // for, the name alone was written.
  void take_images() {
    std::set<std::string> named;
    std::set<std::string> found;
    for (const json::value& source : array_of(recording_, "sources")) {
      std::string ref(text_of(source, "identifier"));
      if (!ref.starts_with(kImage)) {
        continue;
      }
      ref.erase(0, kImage.size());
      if (ref.find('@') == std::string::npos) {
        named.insert(ref);
      }
    }
    for (const json::value& source : array_of(recording_, "sources")) {
      const std::string identifier(text_of(source, "identifier"));
      const size_t at = identifier.find('@');
      if (!identifier.starts_with(kImage) || at == std::string::npos) {
        continue;
      }
      const std::string ref = identifier.substr(kImage.size());
      const std::string name = ref.substr(0, ref.find('@'));
      const bool by_name = named.contains(name) && !is_written(ref);
      lock::RecordedImage& image = all_.images[lock::image_key(by_name ? name : ref)];
      image.ref = ref;
      image.digest = identifier.substr(at + 1);
      add_platforms(std::string(text_of(source, "platform")), image.platforms);
      found.insert(name);
    }
    for (const std::string& name : named) {
      if (!found.contains(name)) {
        all_.unknown.push_back(name);
      }
    }
  }

  // Without one of its own an image is wanted for what is built.
  void add_platforms(const std::string& platform, std::set<std::string>& to) const {
    if (!platform.empty()) {
      to.insert(platform);
      return;
    }
    const std::vector<std::string> builders = texts_of(build_.features, "platforms");
    to.insert(build_.plan.platforms.begin(), build_.plan.platforms.end());
    if (build_.plan.platforms.empty() && !builders.empty()) {
      to.insert(builders.front());
    }
  }

  [[nodiscard]] bool is_written(const std::string& ref) const {
    for (const PlanSource& source : build_.plan.sources) {
      if (lock::is_pinned_image(source.ref) &&
          lock::image_key(source.ref) == lock::image_key(ref)) {
        return true;
      }
    }
    return false;
  }

  void take_files() {
    const Texts digests = texts_in(recording_, "files", "digest");
    for (const json::value& source : array_of(recording_, "sources")) {
      const std::string url(text_of(source, "identifier"));
      if (!url.starts_with("http://") && !url.starts_with("https://")) {
        continue;
      }
      if (const auto digest = digests.find(url); digest != digests.end()) {
        all_.files[url] = digest->second;
      } else {
        all_.unknown.push_back(url);
      }
    }
  }

  void take_repositories() {
    const Texts commits = texts_in(recording_, "commits", "commit");
    for (const PlanSource& source : build_.plan.sources) {
      if (source.kind != "git") {
        continue;
      }
      const auto commit = commits.find(repository_uri(source.ref));
      if (commit != commits.end()) {
        all_.repositories[source.ref] = commit->second;
      } else {
        all_.unknown.push_back(source.ref);
      }
    }
  }

  void take_steps() {
    for (const json::value& step : build_.steps) {
      const std::string name = lock::instruction_of(text_of(step, "name"));
      for (const json::value& request : array_of(step, "requests")) {
        add({.step = name,
             .method = std::string(text_of(request, "method", "GET")),
             .url = std::string(text_of(request, "url")),
             .status = int_of(request, "status", 200),
             .digest = std::string(text_of(request, "digest")),
             .reason = sentence_of(text_of(request, "reason"))});
      }
    }
  }

  // A step of which the output was cut off has lost its list.
  void take_unlisted() {
    for (const json::value& url : array_of(recording_, "unlisted")) {
      add({.step = "",
           .method = "*",
           .url = std::string(url.as_string()),
           .status = 0,
           .digest = "",
           .reason = "a step asked for it, and the builder does not tell which: the output of that "
                     "step was cut off"});
    }
  }

  void add(lock::RecordedRequest request) {
    const std::string shown = build_.setup().bus.redactor().clean_text(request.url);
    if (shown != request.url) {
      request.url = shown;
      request.reason = "its URL tells a secret";
    }
    request.step = build_.setup().bus.redactor().clean_text(request.step);
    all_.requests.push_back(std::move(request));
  }

  const Build& build_;
  const json::object recording_;
  lock::Recorded all_;
};

}  // namespace

lock::Recorded recorded_of(const Build& build) {
  return is_recorded(build.request()) ? Reader(build).read() : lock::Recorded();
}

}  // namespace ktl
