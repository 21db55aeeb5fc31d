// A BuildKit in this process: Control over a unix socket, its session client in memory.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "control.grpc.pb.h"

namespace ktl::solver::testing {

namespace control = moby::buildkit::v1;

// What a solve does; `session` carries bytes to and from ktl's session server.
class SessionPipe {
 public:
  virtual ~SessionPipe() = default;
  virtual bool write(const std::string& bytes) = 0;
  virtual std::optional<std::string> read() = 0;
};
using SolveScript = std::function<grpc::Status(grpc::ServerContext&, const control::SolveRequest&,
                                               SessionPipe&, control::SolveResponse&)>;

class FakeBuilder final : public control::Control::Service {
 public:
  explicit FakeBuilder(SolveScript script) : script_(std::move(script)) {
    path_ = "/tmp/ktl-fake-builder-" + std::to_string(::getpid()) + ".sock";
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeBuilder() override {
    stop();
    ::unlink(path_.c_str());
  }

  // Like a daemon that is killed.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      solved_ = true;
      changed_.notify_all();
    }
    server_->Shutdown(std::chrono::system_clock::now());
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  std::vector<control::StatusResponse> progress;  // sent at the start of Status
  std::string session_uuid;                       // metadata of the session that came

  grpc::Status Info(grpc::ServerContext* /*context*/, const control::InfoRequest* /*request*/,
                    control::InfoResponse* response) override {
    response->mutable_buildkitversion()->set_version("v9.9.9");
    return grpc::Status::OK;
  }
  grpc::Status ListWorkers(grpc::ServerContext* /*context*/,
                           const control::ListWorkersRequest* /*request*/,
                           control::ListWorkersResponse* response) override {
    for (int worker = 0; worker < 2; ++worker) {
      auto& platform = *response->add_record()->add_platforms();
      platform.set_os("linux");
      platform.set_architecture("arm");
      platform.set_variant("v7");
    }
    return grpc::Status::OK;
  }

  grpc::Status Solve(grpc::ServerContext* context, const control::SolveRequest* request,
                     control::SolveResponse* response) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return session_ != nullptr || solved_; });
    SessionPipe* session = session_;
    lock.unlock();
    grpc::Status status = session == nullptr
                              ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopped")
                              : script_(*context, *request, *session, *response);
    lock.lock();
    solved_ = true;
    changed_.notify_all();
    return status;
  }
  grpc::Status Status(grpc::ServerContext* /*context*/, const control::StatusRequest* /*request*/,
                      grpc::ServerWriter<control::StatusResponse>* writer) override {
    for (const control::StatusResponse& message : progress) {
      writer->Write(message);
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return solved_; });
    return grpc::Status::OK;
  }
  grpc::Status Session(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<control::BytesMessage, control::BytesMessage>* stream) override {
    Pipe pipe(*stream);
    std::unique_lock lock(mutex_);
    auto uuid = context->client_metadata().find("x-docker-expose-session-uuid");
    session_uuid = uuid == context->client_metadata().end()
                       ? ""
                       : std::string(uuid->second.data(), uuid->second.size());
    session_ = &pipe;
    changed_.notify_all();
    changed_.wait(lock, [this] { return solved_; });
    return grpc::Status::OK;
  }

 private:
  class Pipe final : public SessionPipe {
   public:
    using Stream = grpc::ServerReaderWriter<control::BytesMessage, control::BytesMessage>;
    explicit Pipe(Stream& stream) : stream_(stream) {}
    bool write(const std::string& bytes) override {
      control::BytesMessage message;
      message.set_data(bytes);
      return stream_.Write(message);
    }
    std::optional<std::string> read() override {
      control::BytesMessage message;
      return stream_.Read(&message) ? std::optional(message.data()) : std::nullopt;
    }

   private:
    Stream& stream_;
  };

  SolveScript script_;
  std::string path_;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SessionPipe* session_ = nullptr;
  bool solved_ = false;
};

}  // namespace ktl::solver::testing
