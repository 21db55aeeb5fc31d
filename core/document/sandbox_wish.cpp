#include "core/document/sandbox_wish.h"

#include "core/document/fields.h"

namespace ktl {

json::object to_json(const SandboxWish& wish) {
  json::array binds;
  for (const Bind& bind : wish.binds) {
    binds.push_back({{"src", bind.src}, {"dst", bind.dst}, {"mode", bind.writable ? "rw" : "ro"}});
  }
  return {{"demand", wish.demand},
          {"implied", wish.implied},
          {"disabled", wish.disabled},
          {"config", wish.config},
          {"runtime", wish.runtime},
          {"workdir", wish.workdir},
          {"network", wish.network},
          {"binds", std::move(binds)},
          {"probe_paths", to_array(wish.probe_paths)},
          {"logs", wish.logs}};
}

SandboxWish sandbox_from_json(const json::object& document) {
  SandboxWish wish;
  wish.demand = text_of(document, "demand");
  wish.implied = bool_of(document, "implied");
  wish.disabled = bool_of(document, "disabled");
  wish.config = text_of(document, "config");
  wish.runtime = text_of(document, "runtime");
  wish.workdir = text_of(document, "workdir", wish.workdir);
  wish.network = text_of(document, "network", wish.network);
  for (const json::value& bind : array_of(document, "binds")) {
    wish.binds.push_back({std::string(text_of(bind, "src")), std::string(text_of(bind, "dst")),
                          text_of(bind, "mode") == "rw"});
  }
  wish.probe_paths = texts_of(document, "probe_paths");
  wish.logs = bool_of(document, "logs");
  return wish;
}

}  // namespace ktl
