// Content that is kept, for steps that may have it and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "lock/listener.h"

namespace ktl::lock {

// An HTTP server to which a builder is led instead of to the URL that was asked for. Answers GET
// for what was added, below a name that nobody can guess, and closes after each. At most 64
// connections at once, 64 KiB of head, 30 s of silence. Thread rule: any thread; the destructor
// ends what is under way.
class KeptServer {
 public:
  // A file at offset 0 that has the content.
  using Open = std::function<Result<UniqueFd>(const std::string& digest)>;

  KeptServer(Listener listener, Open open);
  ~KeptServer();
  KeptServer(const KeptServer&) = delete;
  KeptServer& operator=(const KeptServer&) = delete;

  // What kept_name() gave is answered with this content from now on; `type` is its Content-Type,
  // empty: none.
  void add(const std::string& name, const std::string& digest, const std::string& type);
  // "http://127.0.0.1:PORT/SECRET"; names follow after a slash.
  [[nodiscard]] const std::string& base() const { return base_; }

 private:
  struct Item {
    std::string digest;
    std::string type;
  };
  void run();
  void answer(int connection);
  [[nodiscard]] Status send(int connection, const std::string& head) const;
  [[nodiscard]] Result<Item> item_at(const std::string& path) const;

  const Open open_;
  const UniqueFd listener_;
  const UniqueFd stop_;
  const std::string secret_;
  const std::string base_;
  mutable std::mutex mutex_;
  std::map<std::string, Item> items_;  // by path
  std::set<int> connections_;
  std::vector<std::jthread> answering_;
  std::jthread accepting_;
};

}  // namespace ktl::lock
