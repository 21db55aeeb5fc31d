// What the session's services need of ktl, apart from how ktl is reached.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/fd.h"
#include "base/json.h"
#include "base/status.h"
#include "services/blob_store.h"
#include "transport/command_carrier.h"

namespace ktl {
inline namespace sdk {
class Call;
}
}  // namespace ktl

namespace ktl::solver {

// A registry's credentials. user "<token>": `secret` is an identity token.
struct Credentials {
  std::string user;
  std::string secret;
};

// What opens a registry for a while, and for how long.
struct RegistryToken {
  std::string value;
  int64_t seconds = 0;
};

// The user's terminal, as long as `stream` is open. `sizes`: rows and columns as two uint16_t.
struct TerminalLine {
  UniqueFd stream;
  UniqueFd sizes;
};

// What the policies say to a question.
struct HostAnswer {
  bool allow = false;
  std::string reason;  // why not
};

// ktl's services as results instead of buffers. Thread rule: any thread. Every method may wait
// until ktl is inside one of the plugin's verbs; kCancelled once the build is closed.
class Host : public BlobStore {
 public:
  virtual Result<Credentials> credentials(const std::string& registry) = 0;  // kNotFound: none
  // kNotFound: none, or it gives no tokens. Without scopes none is fetched.
  virtual Result<RegistryToken> token(const std::string& registry, const std::string& scopes) = 0;
  virtual Result<std::string> secret(const std::string& id) = 0;  // kNotFound: none
  virtual Result<UniqueFd> ssh_agent(const std::string& id) = 0;  // kNotFound: none
  // The program that leads to a builder: kPermissionDenied, kUnavailable and the like.
  virtual Result<ProgramLine> open_builder(const std::string& address, size_t node) = 0;
  // kUnimplemented: there is none; kFailedPrecondition: it is lent already.
  virtual Result<TerminalLine> lend_terminal(const std::string& notice) = 0;
  // kUnimplemented: nobody judges this build; any failure: nobody could say.
  virtual Result<HostAnswer> decide(const json::value& question) = 0;
  // From now on every method is kCancelled, also those that are waiting.
  virtual void close() = 0;
};

// Overwrites a value that must not stay in memory.
void wipe(std::string& value);

// Host through the ktl_call of whichever verb is running: a call may only be used until its verb
// returns, the session's threads live longer. A verb lends its call while it runs.
class CallHost final : public Host {
 public:
  // Lends `call` for as long as it lives; its end waits for the services that are using it.
  class Loan {
   public:
    Loan(CallHost& host, const Call& call);
    ~Loan();
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

   private:
    CallHost& host_;
  };

  Result<UniqueFd> open_blob(const std::string& digest) override;
  Result<int64_t> blob_size(const std::string& digest) override;
  Result<UniqueFd> create_blob() override;
  Status commit_blob(int fd, const std::string& digest) override;
  Result<Credentials> credentials(const std::string& registry) override;
  Result<RegistryToken> token(const std::string& registry, const std::string& scopes) override;
  Result<std::string> secret(const std::string& id) override;
  Result<UniqueFd> ssh_agent(const std::string& id) override;
  Result<ProgramLine> open_builder(const std::string& address, size_t node) override;
  Result<TerminalLine> lend_terminal(const std::string& notice) override;
  Result<HostAnswer> decide(const json::value& question) override;
  void close() override;

 private:
  class Use;

  std::mutex mutex_;
  std::condition_variable changed_;
  const Call* call_ = nullptr;
  int users_ = 0;
  bool closed_ = false;
};

}  // namespace ktl::solver
