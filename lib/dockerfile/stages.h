// Which stages a Dockerfile has, what they are made from, and what a target needs.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/expand.h"
#include "dockerfile/parser.h"

namespace ktl::dockerfile {

// What a stage starts FROM.
struct Base {
  enum class Kind {
    kImage,    // `name` is an image reference, variables filled in, else as written
    kStage,    // `stage` is an earlier one
    kScratch,  // nothing
    kContext,  // `name` is a --build-context that takes the image's or the stage's place
  };
  Kind kind = Kind::kImage;
  std::string name;
  size_t stage = 0;
};

struct Stage {
  size_t index = 0;
  std::string name;  // lower case; empty when FROM has no AS
  Base base;
  std::string platform;  // of FROM --platform, variables filled in; empty: the target platform
  int line = 0;          // of its FROM
  // Stages it needs directly, its base among them; sorted, each once.
  std::vector<size_t> needs;
};

// Something from outside the build context that a build may fetch.
struct Source {
  enum class Kind {
    kImage,     // FROM, COPY --from, RUN --mount=from
    kHttp,      // ADD https://host/file
    kGit,       // ADD https://host/repository.git#ref
    kContext,   // a --build-context
    kFrontend,  // # syntax=image
  };
  // Which instruction asks for it.
  enum class Use { kFrontend, kFrom, kCopy, kMount, kAdd };
  Kind kind = Kind::kImage;
  std::string reference;        // variables filled in; as written when not exact
  int line = 0;                 // 0: not from the file (a frontend chosen by a build argument)
  std::optional<size_t> stage;  // who asks for it; nothing for a frontend
  Use use = Use::kFrom;
  std::string checksum;  // of ADD --checksum, variables filled in; empty: none, or not known here
  // False: ADD uses a variable that has no value here; it may come from the base image. Such a
  // source is kHttp unless it is surely git, although it may turn out to be a file.
  bool exact = true;
};

// A RUN that asks for a network or a security of its own.
struct Run {
  int line = 0;
  size_t stage = 0;
  std::string network;   // of --network, as written; empty: none is
  std::string security;  // of --security, the same
};

struct StageOptions {
  Variables build_args;     // --build-arg; BUILDKIT_SYNTAX among them chooses the frontend
  Variables platform_args;  // BUILDPLATFORM, BUILDOS, BUILDARCH, BUILDVARIANT, TARGET...
  std::string target;       // --target, for ARG TARGETSTAGE only
  std::set<std::string, std::less<>> contexts;  // names given with --build-context
};

// A value. What base images bring by their own ONBUILD is not in it: that is known only when the
// image has been resolved.
struct StageGraph {
  std::vector<Stage> stages;    // in the order of the file
  std::vector<Source> sources;  // the frontend first, then stage by stage
  std::vector<Run> runs;        // those with flags of their own, stage by stage

  // The names that --target takes, in the order of the file.
  [[nodiscard]] std::vector<std::string> names() const;
  // A stage by name in any case, or the last one for "". kNotFound lists the stages.
  [[nodiscard]] Result<size_t> find(std::string_view target) const;
  // `target` and all it needs, directly or not; sorted.
  [[nodiscard]] std::vector<size_t> needed(size_t target) const;
};

// Finds stages as BuildKit's frontend v0.34 does. An unknown instruction is kInvalidArgument,
// unless a `# syntax=` frontend is asked for, which may know more than we do. Further errors, all
// kInvalidArgument with the line ("Dockerfile:12"): instructions before FROM, bad stage names,
// bases or platforms that come out empty, variables in --from, a stage number that does not
// exist, stages that need one another in a circle, and what Expander refuses. Over 500 stages or
// 10'000 sources are kResourceExhausted.
Result<StageGraph> make_stage_graph(const Dockerfile& file, const StageOptions& options = {});

}  // namespace ktl::dockerfile
