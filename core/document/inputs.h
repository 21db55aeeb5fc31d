// What a request and its plan say in the same words: contexts, limits, annotations, caches,
// outputs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace ktl {

// "type=TYPE,KEY=VALUE,..." of --cache-from, --cache-to and --output. `dest` is an output's place:
// absolute, "-" for stdout, empty when its type has none.
struct TypedEntry {
  std::string type;
  std::string dest;
  std::map<std::string, std::string> attrs;
};

// A question to the frontend (BuildKit's subrequests) that is asked instead of building.
struct Call {
  std::string method;  // "lint", "outline", "targets" ...; empty: build
  bool json = false;   // the answer as JSON, not as text
  bool ignore_status = false;
};

// The fields of ktl.request/1 and ktl.plan/1 that prepare hands on as they are. All checked and
// normalised by whoever made the request; the schemas say in which form.
struct Inputs {
  std::map<std::string, std::string> build_contexts;
  std::map<std::string, std::string> annotations;
  std::vector<std::string> add_hosts;
  std::vector<std::string> ulimits;
  std::map<std::string, std::string> resources;
  int64_t shm_size = 0;  // bytes; 0: the builder's own
  std::string cgroup_parent;
  std::vector<std::string> allow;
  std::vector<std::string> no_cache_filter;
  std::vector<TypedEntry> cache_from;
  std::vector<TypedEntry> cache_to;
  std::vector<TypedEntry> outputs;
  Call call;
  std::vector<std::string> interactive;  // the program to run in a step that failed; empty: none
};

Inputs inputs_from_json(const json::value& document);
// Adds the fields to `document`.
void add_inputs(const Inputs& inputs, json::object& document);

}  // namespace ktl
