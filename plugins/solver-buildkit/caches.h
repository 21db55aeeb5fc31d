// The plan's --cache-from and --cache-to, as the request and the session have them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control.pb.h"
#include "services/content.h"
#include "services/layout_blobs.h"
#include "solved.h"

namespace ktl::solver {

// The folders among a build's caches. Thread rule: one thread; the session reads the stores only.
class Caches {
 public:
  // Adds imports and exports to `request` and opens the folders. A folder that holds nothing to
  // read yet is left out, with a line in notes(): that is how a first build begins.
  // kInvalidArgument: a folder that is no image layout.
  Status open(const json::value& plan, moby::buildkit::v1::SolveRequest& request);

  // For the session: "local:<folder>".
  void share(ContentStores& stores);

  // After the build: gives what was written to folders its name there. `answers` is the builder's
  // answer to the solve.
  Status finish(const Metadata& answers);

  // Once nobody serves the session any more: removes from --cache-dir what its new content has
  // replaced and what killed builds left, unless another build is using it.
  void tidy();

  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Folder {
    std::unique_ptr<LayoutBlobs> blobs;
    std::unique_ptr<ContentService> service;
    std::string tag;       // empty: only read
    bool own = false;      // --cache-dir: nobody else's content lies in it
    bool written = false;  // and has its name
  };
  Status open_import(moby::buildkit::v1::CacheOptionsEntry& entry, bool& usable);
  Status open_export(moby::buildkit::v1::CacheOptionsEntry& entry);

  std::map<std::string, Folder> folders_;  // by path
  std::vector<std::string> notes_;
};

}  // namespace ktl::solver
