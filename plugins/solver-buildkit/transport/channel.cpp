#include "transport/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <sys/un.h>

#include "base/json.h"

namespace ktl::solver {
namespace {

constexpr int kMaxMessageBytes = 16 << 20;  // the daemon's own limit
// A failed step carries Dockerfile and build graph in its trailers; gRPC's default is 8 KiB.
constexpr int kMaxMetadataBytes = 1 << 20;

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments args;
  args.SetMaxReceiveMessageSize(kMaxMessageBytes);
  args.SetMaxSendMessageSize(kMaxMessageBytes);
  args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A large context must not wait for window updates.
  args.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 4 << 20);
  return args;
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> unix_channel(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return Status(Code::kInvalidArgument, "the builder's socket path has " +
                                              std::to_string(path.size()) +
                                              " bytes; a unix socket's has 1 to 107");
  }
  return grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments());
}

Status from_grpc(const grpc::Status& status) {
  return status.ok()
             ? Status()
             : Status(static_cast<Code>(status.error_code()), valid_utf8(status.error_message()));
}

}  // namespace ktl::solver
