#include "core/plugins/check/traces.h"

#include <clocale>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

extern char** environ;  // POSIX leaves its declaration to the program

namespace ktl {
namespace {

namespace fs = std::filesystem;

size_t count_in(const char* folder) {
  std::error_code error;
  fs::directory_iterator all(folder, error);
  return error ? 0 : static_cast<size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

Traces Traces::now() {
  Traces traces;
  std::error_code error;
  traces.directory_ = fs::current_path(error).native();
  traces.mask_ = umask(0);
  umask(traces.mask_);
  for (int number = 1; number < SIGRTMIN; ++number) {
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) == 0) {
      traces.handlers_[number] = action.sa_handler;
    }
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    traces.environment_.emplace_back(*entry);
  }
  traces.locale_ = setlocale(LC_ALL, nullptr);
  traces.descriptors_ = count_in("/proc/self/fd");
  traces.threads_ = count_in("/proc/self/task");
  return traces;
}

std::vector<Traces::Change> Traces::changes(const Traces& now, bool after_destroy) const {
  std::vector<Change> found;
  auto add = [&](bool changed, const char* rule, const char* what) {
    if (changed) {
      found.push_back({rule, what});
    }
  };
  add(now.directory_ != directory_, "directory", "changed the working directory");
  add(now.mask_ != mask_, "umask", "changed the umask");
  add(now.handlers_ != handlers_, "signals", "changed what signals do");
  add(now.environment_ != environment_, "environment", "changed the environment");
  add(now.locale_ != locale_, "locale", "changed the locale");
  add(after_destroy && now.descriptors_ > descriptors_, "descriptors",
      "left descriptors open after destroy");
  add(after_destroy && now.threads_ > threads_, "threads", "left threads running after destroy");
  return found;
}

}  // namespace ktl
