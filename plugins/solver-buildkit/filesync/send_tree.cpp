#include "filesync/send_tree.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "filesync/disk.h"
#include "filesync/packet_batch.h"
#include "filesync/tree_sender.h"

namespace ktl::filesync {
namespace {

using namespace std::chrono_literals;

constexpr auto kCancelPoll = 20ms;
constexpr size_t kMaxAsked = size_t{1} << 22;  // numbers that wait, 16 MiB of them
constexpr size_t kMaxErrorText = 4096;

// What the receiver said and the sender has not read yet. Any thread.
class Inbox {
 public:
  // False when nothing more is to be expected.
  bool put(const Result<std::optional<std::string>>& message) {
    const std::lock_guard lock(mutex_);
    if (Status status = take(message); !status.ok()) {
      failure_ = std::move(status);
    }
    news_.notify_one();
    return failure_.ok() && !finished_;
  }

  // Hands everything over; the receiver's failure, if there was one.
  Status drain(TreeSender& sender) {
    const std::lock_guard lock(mutex_);
    for (const uint32_t id : asked_) {
      sender.ask(id);
    }
    asked_.clear();
    if (finished_) {
      sender.finish();
    }
    return failure_;
  }

  void wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, time, [this] { return !asked_.empty() || finished_ || !failure_.ok(); });
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return !failure_.ok();
  }

 private:
  Status take(const Result<std::optional<std::string>>& message) {
    KTL_TRY(message.status());
    if (!message->has_value()) {
      return Status(Code::kUnavailable, "the builder ended the file transfer early");
    }
    KTL_ASSIGN(const Packet packet, parse_packet(**message));
    switch (packet.type) {
      case PacketType::kReq:
        asked_.push_back(packet.id);
        return asked_.size() <= kMaxAsked
                   ? Status()
                   : Status(Code::kResourceExhausted, "the builder asks for too many files");
      case PacketType::kFin:
        finished_ = true;
        return {};
      case PacketType::kErr:
        return Status(Code::kAborted, "the builder could not take the files: " +
                                          quoted_path(packet.data.substr(0, kMaxErrorText)));
      default:
        return Status(Code::kDataLoss, "the builder sent a packet that only a sender sends");
    }
  }

  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<uint32_t> asked_;
  bool finished_ = false;
  Status failure_;
};

// Reads the source into the inbox for as long as it lives.
class Reader {
 public:
  Reader(PacketSource& source, Inbox& inbox)
      : source_(source), thread_([&source, &inbox] {
          while (inbox.put(source.receive())) {
          }
        }) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { thread_.join(); }

  void interrupt() { source_.interrupt(); }

 private:
  PacketSource& source_;
  std::thread thread_;
};

Status flush(PacketBatch& batch, PacketSink& sink) {
  if (batch.empty()) {
    return {};
  }
  Status status = sink.send_batch(batch.messages());
  batch.clear();
  return status;
}

// One round; true when the transfer is complete.
Result<bool> turn(TreeSender& sender, Inbox& inbox, PacketBatch& batch, PacketSink& sink) {
  KTL_TRY(inbox.drain(sender));
  KTL_ASSIGN(const TreeSender::State state, sender.produce(batch));
  KTL_TRY(flush(batch, sink));
  if (state == TreeSender::State::kIdle) {
    inbox.wait(kCancelPoll);
  }
  return state == TreeSender::State::kDone;
}

Status run(TreeSender& sender, Inbox& inbox, PacketSink& sink,
           const std::function<bool()>& cancelled) {
  PacketBatch batch;
  while (true) {
    if (cancelled()) {
      return Status(Code::kCancelled, "file transfer cancelled");
    }
    KTL_ASSIGN(const bool done, turn(sender, inbox, batch, sink));
    if (done) {
      return {};
    }
  }
}

// The stream may be what failed, so whether this arrives is not of interest.
void tell(const Status& failure, PacketSink& sink) {
  static_cast<void>(sink.send(err_packet(failure.message())));
}

}  // namespace

Status send_tree(const TreeRequest& request, PacketSink& sink, PacketSource& source,
                 const std::function<bool()>& cancelled, Progress* progress) {
  Progress unread;
  auto sender = TreeSender::make(request, progress != nullptr ? *progress : unread);
  if (!sender.ok()) {
    tell(sender.status(), sink);
    return std::move(sender).status();
  }
  Inbox inbox;
  Reader reader(source, inbox);
  Status status = run(*sender, inbox, sink, cancelled);
  if (!status.ok()) {
    if (!inbox.failed()) {
      tell(status, sink);
    }
    reader.interrupt();
  }
  return status;
}

}  // namespace ktl::filesync
