// containerd.services.content.v1.Content: the builder hands its result over, blob by blob.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "content.pb.h"
#include "gate.h"
#include "services/blob_store.h"
#include "session/server.h"

namespace ktl::solver {

// One store of the session. A blob that is there already is said to exist and does not travel,
// except, where a gate is, manifests and indexes: these are always asked for again, so that each
// build's root comes past the gate. Thread rule: any thread.
class ContentService {
 public:
  // Both must outlive the session. Without a gate everything passes: a folder of the user's.
  ContentService(BlobStore& blobs, Gate* gate) : host_(blobs), gate_(gate) {}

  // The first failure that was ours and not the builder's: a full disk, a store that does not take
  // a blob. Ok when there was none.
  [[nodiscard]] Status trouble() const;

  Status write(Rpc& rpc);
  Status read(Rpc& rpc);
  // The size of a blob the builder need not send; kNotFound: it has to.
  Result<int64_t> known(const std::string& digest);
  Result<containerd::services::content::v1::StatusResponse> status_of(const std::string& ref);
  containerd::services::content::v1::ListStatusesResponse statuses();
  Status abort(const std::string& ref);

 private:
  // A blob on its way in; lives as long as its Write stream.
  struct Ingest {
    UniqueFd fd;
    int64_t offset = 0;
    int64_t total = 0;
    std::string expected;
  };
  using WriteRequest = containerd::services::content::v1::WriteContentRequest;
  using WriteResponse = containerd::services::content::v1::WriteContentResponse;

  Status write_ingest(Rpc& rpc, WriteRequest request);
  // True: the blob was committed and the stream is done.
  Result<bool> step(const std::string& ref, Ingest& ingest, const WriteRequest& request,
                    WriteResponse& response);
  Status expect(Ingest& ingest, const WriteRequest& request);
  Status commit(Ingest& ingest);
  // Remembers a failure of ours on its way out.
  Status ours(Status status);
  Status reserve(const std::string& ref);
  void record(const std::string& ref, const Ingest& ingest);
  void forget(const std::string& ref);

  BlobStore& host_;
  Gate* gate_;
  mutable std::mutex mutex_;
  Status trouble_;
  std::map<std::string, containerd::services::content::v1::Status> open_;  // by ref
};

// The stores of one session by the name the builder calls them: "export" (the result),
// "oci:<name>" (a build context), "local:<folder>" (a cache). Must outlive the session.
using ContentStores = std::map<std::string, ContentService*>;
std::vector<Method> content_methods(const ContentStores& stores);

}  // namespace ktl::solver
