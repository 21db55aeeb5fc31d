// ktl.plan/1: what will be built. Made once by the prepare stage, never changed afterwards.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/document/inputs.h"
#include "core/document/reach.h"

namespace ktl {

namespace lock {
struct Lock;
}

struct PlanStage {
  std::string name;
  size_t index = 0;
  std::string base;  // image, stage name or "scratch"
  int line = 0;
  std::vector<size_t> needs;
  bool needed = false;
};

struct PlanSource {
  std::string kind;  // "image", "frontend", "http" or "git"
  std::string ref;
  int line = 0;
  std::string use = {};       // "syntax", "from", "copy", "mount", "add" or "context"
  std::string checksum = {};  // of ADD --checksum
};

// A RUN that asks for a network or a security of its own; empty: it asks for none.
struct PlanRun {
  int line = 0;
  std::string network;
  std::string security;
};

// What the steps may reach and what they may be made from.
struct StepFence {
  // "open": as the builder has it; "none"; "list": what `allow` names, through the builder's proxy;
  // "record": anything, through the same proxy, and written down;
  // "locked": each what the plan's lock gives it, through the same.
  std::string network = "open";
  std::vector<std::string> allow;  // HOST[:PORT], as lock::AllowList has them
  bool hermetic = false;           // sources are pinned
  bool unpinned_bases = false;     // ... but what FROM names
  bool locked = false;             // files have the times of SOURCE_DATE_EPOCH
  std::string lock;                // digest of the ktl.lock that all is taken from; empty: none is
};

struct Plan {
  std::string name;
  std::string context_kind = "folder";  // "folder", "url" or "archive"
  std::string context_source;           // the URL or the archive
  std::string context_dir;              // of a folder, else empty
  std::vector<std::string> exclude;     // relative to context_dir
  std::string dockerfile_dir;           // empty: it lies where only the builder looks
  std::string dockerfile_name;
  std::string dockerfile_digest;
  std::string syntax;
  std::string target;
  std::vector<std::string> platforms;
  std::vector<std::string> tags;
  std::map<std::string, std::string> args;
  std::map<std::string, std::string> labels;
  std::vector<std::string> secrets;
  std::vector<std::string> ssh;
  bool no_cache = false;
  bool pull = false;
  std::string network;
  Inputs inputs;
  std::vector<PlanStage> stages;
  std::vector<PlanSource> sources;
  std::vector<PlanRun> runs;
  StepFence fence;
  std::map<std::string, std::string> pins;  // ref of a source -> the digest it must have
  std::shared_ptr<const lock::Lock> lock;   // null: none; the document has its digest
  std::string shared_key;
  std::vector<RegistryRule> registries;
  json::object options;  // by plugin id
};

json::object to_json(const Plan& plan);

json::object to_json(const StepFence& fence);

// Names the build: "sha256:" of the plan document as to_json writes it.
std::string digest_of_plan(const json::object& plan);

}  // namespace ktl
