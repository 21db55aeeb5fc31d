// What a request says about the fence around the worker: "sandbox" of ktl.request/1.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ktl {

// One path of this machine that is to be seen inside.
struct Bind {
  std::string src;  // both absolute
  std::string dst;
  bool writable = false;
};

struct SandboxWish {
  std::string demand;     // the flag that demands a fence, "--sandbox"; empty: nobody does
  bool implied = false;   // it only follows from that flag: KTL_SANDBOX_DISABLE lifts it
  bool disabled = false;  // KTL_SANDBOX_DISABLE
  std::string config;     // policy file, absolute; empty: ktl's own
  std::string runtime;    // program, absolute; empty: what is found
  std::string workdir = "/workspace";
  std::string network = "policy";  // or "none": cut whatever the policy says
  std::vector<Bind> binds;
  std::vector<std::string> probe_paths;  // absolute, looked at from inside
  bool logs = false;                     // show what the runtime says
};

json::object to_json(const SandboxWish& wish);
SandboxWish sandbox_from_json(const json::object& document);

}  // namespace ktl
