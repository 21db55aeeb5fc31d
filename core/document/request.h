// ktl.request/1 as core reads it: what the user asked for (docs/documents.md).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/document/inputs.h"
#include "core/document/reach.h"
#include "core/document/sandbox_wish.h"

namespace ktl {

struct SecretSource {
  std::string id;
  std::string src;  // absolute path, or
  std::string env;  // name of a variable
};

struct SshSource {
  std::string id;
  std::string src;                     // an agent's socket; empty without keys: $SSH_AUTH_SOCK
  std::vector<std::string> keys = {};  // files, for an agent that holds them all
};

struct Request {
  std::string command = "build";
  std::string context;                  // absolute folder, URL, or absolute archive
  std::string context_kind = "folder";  // "folder", "url" or "archive"
  std::string file;  // absolute, or within a context that is no folder; empty: Dockerfile in it
  std::string project;
  std::string name;     // of the target of ktl.yaml; empty: a folder is built
  std::string profile;  // --profile; empty: none
  std::string target;
  std::vector<std::string> platforms;
  std::vector<std::string> tags;
  std::map<std::string, std::string> build_args;
  std::map<std::string, std::string> labels;
  std::vector<SecretSource> secrets;
  std::vector<SshSource> ssh;
  bool no_cache = false;
  bool pull = false;
  std::string network;
  bool hermetic = false;  // also when locked
  bool locked = false;
  std::vector<std::string> allow_network;  // HOST[:PORT]; "*": any
  bool allow_unpinned_bases = false;
  Inputs inputs;
  std::string builder = "auto";
  std::string authfile;
  bool quiet = false;
  std::string progress = "auto";
  std::string iidfile;
  std::string metadata_file;
  std::string logfile;
  bool keep = false;  // the result is needed by another target, whatever else happens to it
  SandboxWish sandbox;
  std::vector<std::string> require;  // "isolation.client.network=none"
  std::vector<RegistryRule> registries;
  std::vector<BuilderRule> builders;  // what --builder NAME may mean
  json::array plugins;
  json::object options;  // by plugin id
  std::map<std::string, std::string> origin;
};

// Checks `document` against request-1 and reads it; kInvalidArgument with the place of the fault.
Result<Request> request_from_json(const json::value& document);
// The same of a document that this program checked itself, in whichever of its processes.
Request request_from_judged(const json::value& document);

json::object to_json(const Request& request);

}  // namespace ktl
