// ktl's services in memory, for tests of what runs in a session.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <string>

#include "base/sha256.h"
#include "host.h"

namespace ktl::solver::testing {

// Blobs by digest, fixed credentials and secrets. Thread rule: any thread.
class FakeHost final : public Host {
 public:
  std::map<std::string, std::string> blobs;
  std::map<std::string, Credentials> logins;
  std::map<std::string, std::string> tokens;
  std::map<std::string, std::string> secrets;
  Code commits_fail = Code::kOk;
  UniqueFd agent;  // handed out once by ssh_agent
  Result<TerminalLine> terminal = Status(Code::kUnimplemented, "none");  // handed out once
  std::vector<json::value> questions;
  Result<HostAnswer> answer = Status(Code::kUnimplemented, "none");
  std::string notice;  // what was said with it

  [[nodiscard]] bool has(const std::string& digest) const {
    const std::lock_guard lock(mutex_);
    return blobs.contains(digest);
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  Result<UniqueFd> open_blob(const std::string& digest) override {
    const std::lock_guard lock(mutex_);
    auto found = blobs.find(digest);
    if (found == blobs.end()) {
      return Status(Code::kNotFound, digest);
    }
    UniqueFd fd = memory();
    KTL_TRY(write_all(fd.get(), found->second));
    ::lseek(fd.get(), 0, SEEK_SET);
    return fd;
  }
  Result<int64_t> blob_size(const std::string& digest) override {
    const std::lock_guard lock(mutex_);
    auto found = blobs.find(digest);
    if (found == blobs.end()) {
      return Status(Code::kNotFound, digest);
    }
    return static_cast<int64_t>(found->second.size());
  }
  Result<UniqueFd> create_blob() override { return memory(); }
  Status commit_blob(int fd, const std::string& digest) override {
    if (commits_fail != Code::kOk) {
      return {commits_fail, "the store does not take it"};
    }
    ::lseek(fd, 0, SEEK_SET);
    KTL_ASSIGN(std::string bytes, read_all(fd, 64U << 20U));
    if (digest_of(bytes) != digest) {
      return {Code::kDataLoss, "digest mismatch"};
    }
    const std::lock_guard lock(mutex_);
    blobs[digest] = std::move(bytes);
    return {};
  }
  Result<Credentials> credentials(const std::string& registry) override {
    return take(logins, registry);
  }
  Result<RegistryToken> token(const std::string& registry, const std::string& scopes) override {
    KTL_ASSIGN(std::string value, take(tokens, registry));
    return RegistryToken{scopes.empty() ? "" : value + " for " + scopes, 300};
  }
  Result<std::string> secret(const std::string& id) override { return take(secrets, id); }
  Result<UniqueFd> ssh_agent(const std::string& id) override {
    if (id != "default" || !agent.valid()) {
      return Status(Code::kNotFound, id);
    }
    return UniqueFd(::dup(agent.get()));
  }
  Result<ProgramLine> open_builder(const std::string& address, size_t) override {
    return Status(Code::kPermissionDenied, address);
  }
  Result<TerminalLine> lend_terminal(const std::string& text) override {
    notice = text;
    return std::exchange(terminal, Result<TerminalLine>(Status(Code::kUnimplemented, "none")));
  }
  Result<HostAnswer> decide(const json::value& question) override {
    const std::lock_guard lock(mutex_);
    questions.push_back(question);
    return answer;
  }
  void close() override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  static UniqueFd memory() { return UniqueFd(::memfd_create("blob", MFD_CLOEXEC)); }
  template <class T>
  static Result<T> take(const std::map<std::string, T>& from, const std::string& key) {
    auto found = from.find(key);
    if (found == from.end()) {
      return Status(Code::kNotFound, key);
    }
    return found->second;
  }

  mutable std::mutex mutex_;
  bool closed_ = false;
};

}  // namespace ktl::solver::testing
