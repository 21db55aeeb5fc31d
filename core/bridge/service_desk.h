// Answers the host services that another process asks for.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "base/thread_pool.h"
#include "core/bridge/peer.h"
#include "core/plugins/host.h"

namespace ktl::bridge {

// Offers what `host` has. The other side is not trusted: what it commits must be a file that was
// created for it, and every question is checked. Thread rule: any thread.
class ServiceDesk {
 public:
  explicit ServiceDesk(std::shared_ptr<const Host> host) : host_(std::move(host)) {}

  // Answers `call` from a thread of its own. kDataLoss: it is no question at all.
  Status take(Frame call, Peer& peer);

 private:
  struct Question;
  struct Service;
  static const Service* service_of(std::string_view method);
  void content_open(Question& question, Peer& peer);
  void content_size(Question& question, Peer& peer);
  void content_create(Question& question, Peer& peer);
  void content_commit(Question& question, Peer& peer);
  void credentials(Question& question, Peer& peer);
  void token(Question& question, Peer& peer);
  void secret(Question& question, Peer& peer);
  void agent(Question& question, Peer& peer);
  void redact(Question& question, Peer& peer);
  void file_open(Question& question, Peer& peer);
  void file_replace(Question& question, Peer& peer);
  void policy(Question& question, Peer& peer);
  void builder(Question& question, Peer& peer);
  void terminal(Question& question, Peer& peer);
  Status forget(int fd);

  const std::shared_ptr<const Host> host_;
  std::mutex mutex_;
  std::set<std::pair<uint64_t, uint64_t>> created_;  // device, inode of files not yet committed
  ThreadPool pool_{8};                               // the last: its threads use the others
};

}  // namespace ktl::bridge
