// A BuildKit in this process: Control over a unix socket, its session client in memory.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "control.pb.h"
#include "session/server.h"
#include "transport/pump.h"
#include "transport/socket_carrier.h"

namespace ktl::solver::testing {

namespace control = moby::buildkit::v1;

// What a solve does; `session` carries bytes to and from ktl's session server.
class SessionPipe {
 public:
  virtual ~SessionPipe() = default;
  virtual bool write(const std::string& bytes) = 0;
  virtual std::optional<std::string> read() = 0;
};
// `solve` is the call itself: cancelled() once nobody waits for it.
using SolveScript = std::function<Status(Rpc& solve, const control::SolveRequest&, SessionPipe&,
                                         control::SolveResponse&)>;

// Serves one connection: what the program's own session server can do, over a socket.
class FakeConnection final : public Endpoint {
 public:
  FakeConnection(UniqueFd socket, const std::vector<Method>& methods)
      : server_(methods, [this] { pump_.wake(); }),
        pump_(std::make_unique<SocketCarrier>(std::move(socket)), *this) {
    pump_.start();
  }
  ~FakeConnection() override { stop(); }
  void stop() {
    pump_.stop();
    server_.close();
  }

  std::string pull(size_t limit) override { return server_.pull(limit); }
  Status receive(std::string_view bytes) override { return server_.receive(bytes); }
  void ended(const Status& /*why*/) override { server_.hang_up(); }

 private:
  SessionServer server_;
  Pump pump_;
};

class FakeBuilder final {
 public:
  explicit FakeBuilder(SolveScript script) : script_(std::move(script)) {
    path_ = "/tmp/ktl-fake-builder-" + std::to_string(::getpid()) + ".sock";
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, path_.size());
    ::unlink(path_.c_str());
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_.get(), 8);
    acceptor_ = std::thread([this] { accept_loop(); });
  }
  ~FakeBuilder() {
    stop();
    ::unlink(path_.c_str());
  }

  // Like a daemon that is killed.
  void stop() {
    finish();
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (acceptor_.joinable()) {
      acceptor_.join();
    }
    connections_.clear();
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  std::vector<control::StatusResponse> progress;  // sent at the start of Status
  std::string session_uuid;                       // metadata of the session that came

 private:
  class Pipe final : public SessionPipe {
   public:
    explicit Pipe(Rpc& rpc) : rpc_(rpc) {}
    bool write(const std::string& bytes) override {
      control::BytesMessage message;
      message.set_data(bytes);
      return rpc_.write(message.SerializeAsString()).ok();
    }
    std::optional<std::string> read() override {
      auto bytes = rpc_.read();
      control::BytesMessage message;
      return bytes.ok() && *bytes && message.ParseFromString(**bytes)
                 ? std::optional(message.data())
                 : std::nullopt;
    }

   private:
    Rpc& rpc_;
  };

  void accept_loop() {
    while (true) {
      UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket.valid()) {
        return;
      }
      connections_.push_back(std::make_unique<FakeConnection>(std::move(socket), methods()));
    }
  }

  std::vector<Method> methods() {
    const std::string service = "/moby.buildkit.v1.Control/";
    return {{service + "Info", [](Rpc& rpc) { return info(rpc); }, true},
            {service + "ListWorkers", [](Rpc& rpc) { return workers(rpc); }, true},
            {service + "Solve", [this](Rpc& rpc) { return solve(rpc); }},
            {service + "Status", [this](Rpc& rpc) { return status(rpc); }},
            {service + "Session", [this](Rpc& rpc) { return session(rpc); }}};
  }

  static Status info(Rpc& rpc) {
    control::InfoResponse response;
    response.mutable_buildkitversion()->set_version("v9.9.9");
    return rpc.write(response.SerializeAsString());
  }
  static Status workers(Rpc& rpc) {
    control::ListWorkersResponse response;
    for (int worker = 0; worker < 2; ++worker) {
      auto& platform = *response.add_record()->add_platforms();
      platform.set_os("linux");
      platform.set_architecture("arm");
      platform.set_variant("v7");
    }
    return rpc.write(response.SerializeAsString());
  }

  Status solve(Rpc& rpc) {
    KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
    control::SolveRequest request;
    control::SolveResponse response;
    if (!bytes || !request.ParseFromString(*bytes)) {
      return {Code::kInvalidArgument, "no request"};
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return session_ != nullptr || solved_; });
    SessionPipe* pipe = session_;
    lock.unlock();
    Status status = pipe == nullptr ? Status(Code::kUnavailable, "stopped")
                                    : script_(rpc, request, *pipe, response);
    if (status.ok()) {
      status = rpc.write(response.SerializeAsString());
    }
    finish();
    return status;
  }
  Status status(Rpc& rpc) {
    for (const control::StatusResponse& message : progress) {
      KTL_TRY(rpc.write(message.SerializeAsString()));
    }
    wait_until_solved();
    return {};
  }
  Status session(Rpc& rpc) {
    Pipe pipe(rpc);
    {
      const std::lock_guard lock(mutex_);
      session_uuid = rpc.value("x-docker-expose-session-uuid");
      session_ = &pipe;
      changed_.notify_all();
    }
    wait_until_solved();
    return {};
  }

  void finish() {
    const std::lock_guard lock(mutex_);
    solved_ = true;
    changed_.notify_all();
  }
  void wait_until_solved() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return solved_; });
  }

  SolveScript script_;
  std::string path_;
  UniqueFd listener_;
  std::thread acceptor_;
  std::vector<std::unique_ptr<FakeConnection>> connections_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SessionPipe* session_ = nullptr;
  bool solved_ = false;
};

}  // namespace ktl::solver::testing
