// One side of the conversation between two processes of ktl: calls in both directions at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/latch.h"
#include "core/bridge/head.h"
#include "core/bridge/link.h"

namespace ktl::bridge {

// A call on its way to the other side. Thread rule: one thread waits; the peer completes it.
class Pending {
 public:
  enum class Wait { kDone, kCancelled, kTimeout };

  // Until the answer is there, the conversation is over, `cancel` (may be null) is up, or
  // CLOCK_MONOTONIC reaches `deadline_ns`.
  [[nodiscard]] Wait wait(int64_t deadline_ns, const CancelToken* cancel) const;

  // After kDone, once: the answer, or the failure that it is, or why there is none.
  Result<Frame> take();

  [[nodiscard]] uint64_t id() const { return id_; }
  // Whether the conversation broke off instead of an answer.
  [[nodiscard]] bool broke_off() const { return broke_off_; }

 private:
  friend class Peer;
  [[nodiscard]] bool comes_soon() const;
  void complete(Frame frame);
  void fail(const Status& why);

  Latch done_;  // publishes the fields below to the thread that waits
  uint64_t id_ = 0;
  int64_t begun_ns_ = 0;
  bool quick_ = false;  // the last one was
  Frame answer_;
  Status status_;
  bool broke_off_ = false;
};

// What the other side asks. Both run on the thread that reads and must not wait for anything; a
// failure ends the conversation: the other side broke its rules.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual Status on_call(Frame call) = 0;
  virtual Status on_notice(Frame notice) = 0;
};

// Thread rule: any thread, but receive() only one.
class Peer {
 public:
  static constexpr size_t kMaxCalls = 64;  // open at once, in each direction

  Peer(UniqueFd socket, int stall_seconds, Listener& listener)
      : link_(std::move(socket), stall_seconds), listener_(listener) {}

  // Sends a call. Waits while kMaxCalls are open. kUnavailable: the conversation is over.
  Result<std::shared_ptr<Pending>> start(const json::object& head, std::string_view body = {},
                                         std::vector<int> fds = {}, bool secret = false);
  // The same and waits for its answer, for as long as it takes.
  Result<Frame> ask(const json::object& head, std::string_view body = {}, std::vector<int> fds = {},
                    bool secret = false);
  // Nobody waits for `pending` any more: its answer may come or not.
  void abandon(const Pending& pending);

  Status notify(const json::object& head, std::string_view body = {});
  // The same for what may come a moment later, see Link::post.
  Status tell(const json::object& head, std::string_view body = {});
  // Answers the other side's call, once.
  Status answer(uint64_t id, const json::object& head, std::string_view body = {},
                std::vector<int> fds = {}, bool secret = false);

  // Reads once, waiting for nothing, and deals with what has come. After a failure there is nothing
  // more to read: the caller ends the conversation.
  Status receive();
  // The conversation is over: every open call fails with `why`, and so does every further one.
  void end(const Status& why);

  [[nodiscard]] Link& link() { return link_; }

 private:
  Status dispatch(Frame frame);
  Status take_call(Frame call);
  Status take_answer(Frame answer);

  Link link_;
  Listener& listener_;
  std::vector<Frame> arrived_;       // the reader's
  std::atomic<bool> quick_ = false;  // the last answer came so soon that the next may

  std::mutex mutex_;  // guards what follows
  std::condition_variable room_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::shared_ptr<Pending>> open_;  // null: abandoned
  std::set<uint64_t> asked_;                           // the other side's calls
  Status over_;
};

}  // namespace ktl::bridge
