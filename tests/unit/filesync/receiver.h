// A receiver of file sync for tests: it speaks the protocol and reads it with a decoder of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "filesync/send_tree.h"

namespace ktl::filesync {

// The fields of a protobuf message: numbers, and what has a length.
struct Fields {
  std::map<unsigned, uint64_t> numbers;
  std::map<unsigned, std::vector<std::string>> bytes;

  static Fields of(std::string_view message);
  [[nodiscard]] uint64_t number(unsigned field) const;
  [[nodiscard]] std::string text(unsigned field) const;
};

// A STAT as the receiver saw it.
struct Seen {
  std::string path;
  uint64_t mode = 0;
  int64_t size = 0;
  int64_t mtime_ns = 0;
  std::string linkname;
  uint64_t devmajor = 0;
  uint64_t devminor = 0;
  std::map<std::string, std::string> xattrs;

  static Seen of(const Fields& stat);
};

// "dir a", "file a/b", "link:target c", "hard:a/b d", "other e".
std::string line(const Seen& seen);
std::vector<std::string> lines(const std::vector<Seen>& seen);

class Receiver final : public PacketSink, public PacketSource {
 public:
  // Which files to ask for: by default all of them.
  std::function<bool(const Seen&)> wants = [](const Seen&) { return true; };
  // Called for each STAT before it is answered, for changing things at that moment.
  std::function<void(const Seen&)> on_stat = [](const Seen&) {};
  // What receive() hands out once all is there: FIN. Nothing: silence.
  std::optional<std::string> last_word = "\x08\x03";
  bool hang_up = false;  // end the stream instead of FIN

  Status send(std::string_view message) override;
  Result<std::optional<std::string>> receive() override;
  void interrupt() override;

  std::vector<Seen> seen;
  std::map<std::string, std::string> contents;  // of the files whose end has come
  std::string error;                            // of an ERR packet
  bool complete = false;                        // FIN came back
  size_t largest = 0;                           // message

 private:
  void take_stat(const Fields& packet);
  void take_data(const Fields& packet);
  void say(std::string message);
  void finish_when_complete();

  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::string> answers_;
  bool ended_ = false;
  bool all_stats_ = false;
  std::map<uint64_t, std::string> open_;
};

// Runs one transfer of `request` to the receiver and back.
Status transfer(const TreeRequest& request, Receiver& receiver, Progress* progress = nullptr);

}  // namespace ktl::filesync
