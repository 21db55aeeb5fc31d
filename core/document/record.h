// ktl.record/1: one document that ties all digests of a build together, written whatever happened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/document/isolation.h"

namespace ktl {

// A plugin that took part, by what was loaded.
struct PluginIdentity {
  std::string id;
  std::string version;
  std::string sha256;  // of its file; empty for one that is part of the program
};

// A statement of an attest plugin, kept beside the Record by these digests.
struct StatementEntry {
  std::string name;
  std::string plugin;  // that made it
  std::string digest;  // of its file
  std::string signer;  // the plugin that signed it; empty: nobody did
  std::string bundle;  // digest of the signature's file
};

struct Record {
  std::string id;
  std::string ktl;  // version of the program
  int64_t started_ns = 0;
  int64_t ended_ns = 0;
  std::string outcome;  // "done", "failed", "refused" or "cancelled"
  int exit = 0;
  std::string plan_digest;  // empty when there never was a plan
  json::object builder;     // ktl.features/1, empty when none was reached
  std::vector<PluginIdentity> plugins;
  json::value root;   // descriptor of the result, null when nothing was staged
  json::array steps;  // what is known of each
  json::array findings;
  json::array verdicts;  // of policies
  std::vector<StatementEntry> statements;
  json::array receipts;
  Isolation isolation;
};

json::object to_json(const Record& record);

}  // namespace ktl
