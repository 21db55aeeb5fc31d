// ktl.plan/1: what will be built. Made once by the prepare stage, never changed afterwards.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/document/inputs.h"
#include "core/document/reach.h"

namespace ktl {

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
  std::map<std::string, std::string> pins;  // ref of a source -> the digest it must have
  std::string shared_key;
  std::vector<RegistryRule> registries;
  json::object options;  // by plugin id
};

json::object to_json(const Plan& plan);

// Names the build: "sha256:" of the plan document as to_json writes it.
std::string digest_of_plan(const json::object& plan);

}  // namespace ktl
