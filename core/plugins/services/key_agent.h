// Agents for the key files of --ssh: what leaves ktl is a conversation with them, never a key.
#pragma once

#include <filesystem>
#include <vector>

#include "base/process.h"
#include "base/spool_folder.h"
#include "core/document/request.h"

namespace ktl {

// OpenSSH's own ssh-agent, one for each --ssh with key files, for as long as this object lives, and
// at most ten seconds longer when ktl is killed. Thread rule: one thread.
class KeyAgents {
 public:
  // `sources` as the request has them; those without keys stay as they are. `runtime`
  // is ktl's folder for sockets. kInvalidArgument: a key that cannot be used, such as one with a
  // passphrase; kNotFound: there is no ssh-agent; kUnavailable: it does not work.
  static Result<KeyAgents> start(const std::vector<SshSource>& sources,
                                 const std::filesystem::path& runtime);

  // The same sources, where their agents listen.
  [[nodiscard]] const std::vector<SshSource>& sources() const { return sources_; }

 private:
  // ssh-agent is set-group-ID, so that the kernel does not end it with its parent; but it ends
  // itself when the command it was given does, and that one waits for the end of `line`.
  struct Agent {
    UniqueFd line;
    Child command;
    UniqueFd process;  // pidfd of the agent
    Agent() = default;
    Agent(Agent&&) = default;
    Agent& operator=(Agent&&) = default;
    ~Agent();
  };
  Status add(SshSource& source);

  std::vector<SshSource> sources_;
  SpoolFolder folder_;  // goes after those who listen in it
  std::vector<Agent> agents_;
};

}  // namespace ktl
