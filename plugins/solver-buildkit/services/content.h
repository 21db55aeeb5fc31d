// containerd.services.content.v1.Content: the builder hands its result over, blob by blob.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "content.pb.h"
#include "gate.h"
#include "host.h"
#include "session/server.h"

namespace ktl::solver {

// The store "export" of the session, in front of ktl's own store. A blob that ktl has already is
// said to exist and does not travel, except manifests and indexes: these are always asked for
// again, so that each build's root comes past the gate. Thread rule: any thread.
class ContentService {
 public:
  // Both must outlive the session.
  ContentService(Host& host, Gate& gate) : host_(host), gate_(gate) {}

  std::vector<Method> methods();

  // The first failure that was ours and not the builder's: a full disk, a store that does not take
  // a blob. Ok when there was none.
  [[nodiscard]] Status trouble() const;

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

  Status write(Rpc& rpc);
  Status write_ingest(Rpc& rpc, WriteRequest request);
  // True: the blob was committed and the stream is done.
  Result<bool> step(const std::string& ref, Ingest& ingest, const WriteRequest& request,
                    WriteResponse& response);
  Status expect(Ingest& ingest, const WriteRequest& request);
  Status commit(Ingest& ingest);
  Status read(Rpc& rpc);
  // The size of a blob the builder need not send; kNotFound: it has to.
  Result<int64_t> known(const std::string& digest);
  // Remembers a failure of ours on its way out.
  Status ours(Status status);
  Status reserve(const std::string& ref);
  void record(const std::string& ref, const Ingest& ingest);
  void forget(const std::string& ref);
  Result<containerd::services::content::v1::StatusResponse> status_of(const std::string& ref);
  containerd::services::content::v1::ListStatusesResponse statuses();
  Status abort(const std::string& ref);

  Host& host_;
  Gate& gate_;
  mutable std::mutex mutex_;
  Status trouble_;
  std::map<std::string, containerd::services::content::v1::Status> open_;  // by ref
};

}  // namespace ktl::solver
