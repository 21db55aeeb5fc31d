#include "services/content.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/sha256.h"
#include "oci/manifest.h"

namespace ktl::solver {
namespace {

namespace v1 = containerd::services::content::v1;

constexpr int64_t kReadPiece = 1 << 20;
constexpr size_t kMaxRef = 1024;

Result<ContentService*> store_of(const ContentStores& stores, const Rpc& rpc) {
  const std::string name = rpc.value("buildkit-attachable-store-id");
  auto found = stores.find(name);
  return found != stores.end()
             ? Result<ContentService*>(found->second)
             : Status(Code::kNotFound, "this build has no store \"" + name + "\"");
}

Status check_digest(const std::string& digest) {
  return is_digest(digest)
             ? Status()
             : Status(Code::kInvalidArgument, "\"" + digest + "\" is no sha256 digest");
}

// A unary method of whichever store the builder names.
template <class Request, class Answer>
Method method(const ContentStores& stores, std::string name, Answer answer) {
  using Reply = decltype(answer(std::declval<ContentService&>(), std::declval<Request>()));
  return {"/containerd.services.content.v1.Content/" + std::move(name),
          unary<Request>([&stores, answer](Rpc& rpc, const Request& request) -> Reply {
            KTL_ASSIGN(ContentService * store, store_of(stores, rpc));
            return answer(*store, request);
          })};
}

// A method that reads or writes a stream.
Method stream(const ContentStores& stores, std::string name,
              Status (ContentService::*answer)(Rpc&)) {
  return {"/containerd.services.content.v1.Content/" + std::move(name),
          [&stores, answer](Rpc& rpc) -> Status {
            KTL_ASSIGN(ContentService * store, store_of(stores, rpc));
            return (store->*answer)(rpc);
          }};
}

Result<v1::InfoResponse> info(Result<int64_t> size, const std::string& digest) {
  if (!size.ok()) {
    return std::move(size).status();
  }
  v1::InfoResponse response;
  response.mutable_info()->set_digest(digest);
  response.mutable_info()->set_size(*size);
  return response;
}

// Whether it can be JSON, of which a manifest consists: a layer need not be read to know.
Result<bool> begins_as_object(int fd) {
  std::array<char, 64> begin{};
  const ssize_t got = ::pread(fd, begin.data(), begin.size(), 0);
  if (got < 0) {
    return errno_status("read", errno);
  }
  const std::string_view text(begin.data(), static_cast<size_t>(got));
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || text[first] == '{';
}

// The blob's bytes when it is a manifest or an index, which both are small. A failure means that
// nobody can tell, and then it must not pass.
Result<std::optional<Root>> as_root(int fd, int64_t size, const std::string& digest) {
  if (size > static_cast<int64_t>(oci::kMaxManifestBytes)) {
    return std::optional<Root>();
  }
  KTL_ASSIGN(const bool candidate, begins_as_object(fd));
  if (!candidate) {
    return std::optional<Root>();
  }
  if (::lseek(fd, 0, SEEK_SET) != 0) {
    return errno_status("read " + digest, errno);
  }
  KTL_ASSIGN(std::string bytes, read_all(fd, oci::kMaxManifestBytes));
  Result<std::string> type = oci::media_type_of(bytes);
  return type.ok() ? std::optional<Root>(Root{*type, digest, std::move(bytes)}) : std::nullopt;
}

}  // namespace

std::vector<Method> content_methods(const ContentStores& stores) {
  return {
      method<v1::InfoRequest>(
          stores, "Info",
          [](ContentService& s, const auto& r) { return info(s.known(r.digest()), r.digest()); }),
      method<v1::UpdateRequest>(stores, "Update",
                                [](ContentService& s, const auto& r) -> Result<v1::UpdateResponse> {
                                  KTL_ASSIGN(const int64_t size, s.known(r.info().digest()));
                                  v1::UpdateResponse response;
                                  *response.mutable_info() = r.info();
                                  response.mutable_info()->set_size(size);
                                  return response;
                                }),
      method<v1::StatusRequest>(
          stores, "Status", [](ContentService& s, const auto& r) { return s.status_of(r.ref()); }),
      method<v1::ListStatusesRequest>(stores, "ListStatuses",
                                      [](ContentService& s, const auto&) {
                                        return Result<v1::ListStatusesResponse>(s.statuses());
                                      }),
      method<v1::AbortRequest>(
          stores, "Abort",
          [](ContentService& s, const auto& r) -> Result<ktl::wellknown::Empty> {
            KTL_TRY(s.abort(r.ref()));
            return ktl::wellknown::Empty();
          }),
      stream(stores, "Read", &ContentService::read),
      stream(stores, "Write", &ContentService::write)};
}

Result<int64_t> ContentService::known(const std::string& digest) {
  KTL_TRY(check_digest(digest));
  KTL_ASSIGN(const int64_t size, host_.blob_size(digest));
  if (gate_ == nullptr || gate_->allowed(digest)) {
    return size;
  }
  KTL_ASSIGN(const UniqueFd fd, host_.open_blob(digest));
  KTL_ASSIGN(const std::optional<Root> root, as_root(fd.get(), size, digest));
  if (root) {
    return Status(Code::kNotFound, digest + " was not judged in this build");
  }
  return size;
}

Status ContentService::write(Rpc& rpc) {
  KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
  WriteRequest first;
  if (!bytes || !first.ParseFromString(*bytes) || first.ref().empty() ||
      first.ref().size() > kMaxRef) {
    return {Code::kInvalidArgument, "the first message of a write must name a reference"};
  }
  KTL_TRY(reserve(first.ref()));
  const std::string ref = first.ref();
  Status status = write_ingest(rpc, std::move(first));
  forget(ref);
  return status;
}

Status ContentService::write_ingest(Rpc& rpc, WriteRequest request) {
  const std::string ref = request.ref();
  Ingest ingest;
  while (true) {
    WriteResponse response;
    KTL_ASSIGN(const bool done, step(ref, ingest, request, response));
    KTL_TRY(rpc.write(response.SerializeAsString()));
    if (done) {
      return {};
    }
    KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
    if (!bytes) {
      return {};  // given up without a commit: the file is gone with its descriptor
    }
    if (!request.ParseFromString(*bytes)) {
      return {Code::kInvalidArgument, "a message of the write of " + ref + " does not parse"};
    }
  }
}

Result<bool> ContentService::step(const std::string& ref, Ingest& ingest,
                                  const WriteRequest& request, WriteResponse& response) {
  KTL_TRY(expect(ingest, request));
  const bool commits = request.action() == v1::COMMIT;
  if (request.action() != v1::STAT) {
    if (request.offset() == 0 && ingest.offset > 0) {
      if (::ftruncate(ingest.fd.get(), 0) != 0 || ::lseek(ingest.fd.get(), 0, SEEK_SET) != 0) {
        return errno_status("truncate " + ref, errno);
      }
      ingest.offset = 0;
    }
    if (request.offset() != ingest.offset) {
      return Status(Code::kOutOfRange, "a write at " + std::to_string(request.offset()) +
                                           " does not follow " + std::to_string(ingest.offset));
    }
    const auto incoming = static_cast<int64_t>(request.data().size());
    if (ingest.total > 0 && ingest.offset + incoming > ingest.total) {
      return Status(Code::kOutOfRange,
                    "more bytes than the " + std::to_string(ingest.total) + " announced");
    }
    KTL_TRY(ours(write_all(ingest.fd.get(), request.data())));
    ingest.offset += incoming;
  }
  if (commits) {
    KTL_TRY(commit(ingest));
  }
  record(ref, ingest);
  response.set_action(request.action());
  response.set_offset(ingest.offset);
  response.set_total(ingest.total);
  if (commits) {
    response.set_digest(ingest.expected);
  }
  return commits;
}

Status ContentService::expect(Ingest& ingest, const WriteRequest& request) {
  if (!request.expected().empty()) {
    ingest.expected = request.expected();
    if (Result<int64_t> size = known(ingest.expected); size.ok()) {
      return {Code::kAlreadyExists, "ktl has " + ingest.expected};
    } else if (size.status().code() != Code::kNotFound) {
      return std::move(size).status();
    }
  }
  if (request.total() > 0) {
    ingest.total = request.total();
  }
  if (!ingest.fd.valid()) {
    Result<UniqueFd> fd = host_.create_blob();
    KTL_TRY(ours(fd.status()));
    ingest.fd = *std::move(fd);
  }
  return {};
}

Status ContentService::commit(Ingest& ingest) {
  if (ingest.total > 0 && ingest.offset != ingest.total) {
    return {Code::kFailedPrecondition, "a commit at " + std::to_string(ingest.offset) + " of " +
                                           std::to_string(ingest.total) + " bytes"};
  }
  if (ingest.expected.empty()) {
    KTL_ASSIGN(const std::string hex, sha256_hex_of_fd(ingest.fd.get()));
    ingest.expected = "sha256:" + hex;
  }
  KTL_ASSIGN(const std::optional<Root> root,
             as_root(ingest.fd.get(), ingest.offset, ingest.expected));
  if (root && gate_ != nullptr) {
    if (digest_of(root->bytes) != root->digest) {
      return {Code::kDataLoss, "the bytes sent as " + root->digest + " have another digest"};
    }
    KTL_TRY(gate_->pass(*root));
  }
  return ours(host_.commit_blob(ingest.fd.get(), ingest.expected));
}

Status ContentService::ours(Status status) {
  const Code code = status.code();
  // Bytes under a wrong digest are the builder's doing, an end of the build is nobody's.
  if (code != Code::kOk && code != Code::kDataLoss && code != Code::kCancelled) {
    const std::lock_guard lock(mutex_);
    trouble_ = trouble_.ok() ? status : trouble_;
  }
  return status;
}

Status ContentService::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

Status ContentService::read(Rpc& rpc) {
  KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
  v1::ReadContentRequest request;
  if (!bytes || !request.ParseFromString(*bytes)) {
    return {Code::kInvalidArgument, "the request to read a blob does not parse"};
  }
  KTL_ASSIGN(const int64_t size, known(request.digest()));
  KTL_ASSIGN(const UniqueFd fd, host_.open_blob(request.digest()));
  int64_t offset = std::max<int64_t>(request.offset(), 0);
  if (offset > size) {
    return {Code::kOutOfRange, "a read past the end of " + request.digest()};
  }
  const int64_t left = size - offset;
  const int64_t end = offset + (request.size() > 0 ? std::min(request.size(), left) : left);
  while (offset < end) {
    v1::ReadContentResponse response;
    std::string& piece = *response.mutable_data();
    piece.resize(static_cast<size_t>(std::min(kReadPiece, end - offset)));
    const ssize_t got = ::pread(fd.get(), piece.data(), piece.size(), offset);
    if (got <= 0) {
      return {Code::kDataLoss, request.digest() + " is shorter than its size"};
    }
    piece.resize(static_cast<size_t>(got));
    response.set_offset(offset);
    KTL_TRY(rpc.write(response.SerializeAsString()));
    offset += got;
  }
  return {};
}

Status ContentService::reserve(const std::string& ref) {
  const std::lock_guard lock(mutex_);
  v1::Status status;
  status.set_ref(ref);
  return open_.emplace(ref, std::move(status)).second
             ? Status()
             : Status(Code::kUnavailable, ref + " is being written already");
}

void ContentService::record(const std::string& ref, const Ingest& ingest) {
  const std::lock_guard lock(mutex_);
  v1::Status& status = open_[ref];
  status.set_offset(ingest.offset);
  status.set_total(ingest.total);
  status.set_expected(ingest.expected);
}

void ContentService::forget(const std::string& ref) {
  const std::lock_guard lock(mutex_);
  open_.erase(ref);
}

Result<v1::StatusResponse> ContentService::status_of(const std::string& ref) {
  const std::lock_guard lock(mutex_);
  auto found = open_.find(ref);
  if (found == open_.end()) {
    return Status(Code::kNotFound, "nothing is being written as " + ref);
  }
  v1::StatusResponse response;
  *response.mutable_status() = found->second;
  return response;
}

v1::ListStatusesResponse ContentService::statuses() {
  const std::lock_guard lock(mutex_);
  v1::ListStatusesResponse response;
  for (const auto& [ref, status] : open_) {
    *response.add_statuses() = status;
  }
  return response;
}

Status ContentService::abort(const std::string& ref) {
  const std::lock_guard lock(mutex_);
  return open_.contains(ref)
             ? Status(Code::kUnavailable, ref + " is being written; its stream ends it")
             : Status(Code::kNotFound, "nothing is being written as " + ref);
}

}  // namespace ktl::solver
