#include "services/upload.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "control.pb.h"

namespace ktl::solver {
namespace {

constexpr std::string_view kHost = "buildkit-session";
constexpr size_t kPiece = 256U << 10U;

Result<uint64_t> send_file(const std::string& file, Rpc& rpc) {
  KTL_ASSIGN(const UniqueFd fd, open_file(file, O_RDONLY | O_NOFOLLOW));
  uint64_t sent = 0;
  while (true) {
    moby::buildkit::v1::BytesMessage message;
    std::string& piece = *message.mutable_data();
    piece.resize(kPiece);
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0) {
      return errno_status("read " + file, errno);
    }
    if (got == 0) {
      return sent;
    }
    piece.resize(static_cast<size_t>(got));
    sent += piece.size();
    KTL_TRY(rpc.write(message.SerializeAsString()));
  }
}

}  // namespace

std::string upload_url(const std::string& name) {
  return "http://" + std::string(kHost) + "/" + name;
}

std::vector<Method> upload_methods(std::string name, std::string file, TransferSink sink) {
  auto pull = [name = std::move(name), file = std::move(file), sink = std::move(sink)](Rpc& rpc) {
    if (rpc.value("urlhost") != kHost || rpc.value("urlpath") != "/" + name) {
      return Status(Code::kNotFound, "this build uploads nothing of that name");
    }
    Result<uint64_t> sent = send_file(file, rpc);
    sink({"context", 1, sent.ok() ? *sent : 0, sent.status()});
    return sent.status();
  };
  return {{"/moby.upload.v1.Upload/Pull", std::move(pull)}};
}

}  // namespace ktl::solver
