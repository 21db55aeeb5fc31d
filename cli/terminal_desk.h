// The terminal of `ktl build -i`: the display's, or a plugin's for a while.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/cancel.h"
#include "base/raw_terminal.h"
#include "core/events/bus.h"
#include "core/plugins/services/services.h"

namespace ktl::cli {

// Lends standard input's terminal through a socket, so that who has it can neither keep it nor
// change it: bytes are carried by a thread here, and the terminal is as before once the other end
// is closed, by a plugin that is done, by its death, or because the build is cancelled.
// Thread rule: any thread.
class TerminalDesk final : public TerminalService {
 public:
  // Tells of it on `bus`: terminal.lent/1 and terminal.returned/1. Both outlive the desk.
  TerminalDesk(Bus& bus, const CancelToken& cancel) : bus_(bus), cancel_(cancel) {}
  // Takes it back.
  ~TerminalDesk() override;
  TerminalDesk(const TerminalDesk&) = delete;
  TerminalDesk& operator=(const TerminalDesk&) = delete;

  // As ktl_host_terminal_v1 has it. Waits until the display stands still, 5 s at most.
  Result<TerminalLine> lend(std::string_view notice) override;

  // For the display, when it has drawn terminal.lent/1 and draws nothing any more: returns when the
  // terminal is back.
  void stand_still();

  // Takes the terminal back, and lends it no more.
  void close();

 private:
  struct Ends;  // what the carrier's thread holds
  Status prepare(std::unique_lock<std::mutex>& lock, std::string_view notice, Ends& ends);
  void carry(const Ends& ends);
  void give_back();

  Bus& bus_;
  const CancelToken& cancel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool lent_ = false;
  bool still_ = false;
  bool closed_ = false;
  Latch ends_;  // close() was called
  std::thread carrier_;
};

}  // namespace ktl::cli
