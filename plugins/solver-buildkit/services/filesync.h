// moby.filesync.v1.FileSync: sends the folders of a build to the builder.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "filesync/send_tree.h"
#include "services/sent_files.h"
#include "session/server.h"

namespace ktl::solver {

// A folder by the name under which the builder asks for it.
struct SharedFolder {
  UniqueFd root;                      // open with O_DIRECTORY
  std::vector<std::string> excluded;  // relative paths that are never sent
  std::shared_ptr<SentFiles> sent = std::make_shared<SentFiles>();
};
using SharedFolders = std::map<std::string, SharedFolder>;

// What one transfer did. kFailedPrecondition: a file changed or vanished while it was sent.
struct Transfer {
  std::string name;
  uint64_t files = 0;
  uint64_t bytes = 0;
  Status status;
};
// Called from the transfers' threads, at the end of each.
using TransferSink = std::function<void(const Transfer&)>;

// Both must outlive the session. A name that is not in `folders` is kNotFound.
std::vector<Method> filesync_methods(const SharedFolders& folders, TransferSink sink);

}  // namespace ktl::solver
