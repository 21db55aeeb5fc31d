#include "filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "jail/tokens.h"

namespace ktl::sandbox_bwrap {
namespace {

constexpr size_t kMaxCalls = 100;  // the kernel takes 4096 instructions at most
constexpr uint32_t kMaxErrno = 4095;

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "add this machine's AUDIT_ARCH"
#endif

struct CallRow {
  std::string_view name;
  uint32_t number;
};
constexpr std::array<CallRow, 3> kCalls = {
    {{"add_key", SYS_add_key}, {"keyctl", SYS_keyctl}, {"request_key", SYS_request_key}}};

// Calls that are answered with an error instead of being made.
struct Refused {
  uint32_t call;
  uint32_t error;
};

// Words, numbers and the signs between them.
std::vector<std::string> words_of(const jail::Message& policy) {
  std::vector<std::string> words;
  bool open = false;
  for (const auto& part : policy.all("seccomp_string")) {
    for (const char c : part.text + "\n") {
      const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
      if (letter && open) {
        words.back() += c;
      } else if (letter || std::isspace(static_cast<unsigned char>(c)) == 0) {
        words.emplace_back(1, c);
      }
      open = letter;
    }
  }
  return words;
}

std::optional<uint32_t> number_of(std::string_view text) {
  const bool hex = text.starts_with("0x");
  text.remove_prefix(hex ? 2 : 0);
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number, hex ? 16 : 10);
  return error == std::errc() && at == end && !text.empty() ? std::optional(number) : std::nullopt;
}

// Reads the words from the front; the first that does not fit stays there.
class Reader {
 public:
  explicit Reader(std::vector<std::string> words) : words_(std::move(words)) {}

  // All of it; nothing when a word does not fit.
  std::optional<std::vector<Refused>> read() {
    std::vector<Refused> refused;
    while (at_ < words_.size() && words_[at_] == "ERRNO") {
      if (!read_block(refused)) {
        return std::nullopt;
      }
    }
    const bool ended = take("DEFAULT") && take("ALLOW") && at_ == words_.size();
    return ended || words_.empty() ? std::optional(std::move(refused)) : std::nullopt;
  }
  [[nodiscard]] std::string word() const {
    return at_ < words_.size() ? "\"" + words_[at_].substr(0, 40) + "\"" : "its end";
  }

 private:
  bool take(std::string_view word) {
    const bool fits = at_ < words_.size() && words_[at_] == word;
    at_ += fits ? 1 : 0;
    return fits;
  }
  std::optional<uint32_t> take_number() {
    const auto number = at_ < words_.size() ? number_of(words_[at_]) : std::nullopt;
    at_ += number ? 1 : 0;
    return number;
  }
  std::optional<uint32_t> take_call() {
    if (take("SYSCALL")) {
      const auto number = take("[") ? take_number() : std::nullopt;
      return number && take("]") ? number : std::nullopt;
    }
    for (const CallRow& row : kCalls) {
      if (take(row.name)) {
        return row.number;
      }
    }
    return std::nullopt;
  }
  bool read_block(std::vector<Refused>& refused) {
    const auto error = take("ERRNO") && take("(") ? take_number() : std::nullopt;
    if (!error || *error == 0 || *error > kMaxErrno || !take(")") || !take("{")) {
      return false;
    }
    do {
      const auto call = refused.size() < kMaxCalls ? take_call() : std::nullopt;
      if (!call) {
        return false;
      }
      refused.push_back({*call, *error});
    } while (take(","));
    return take("}");
  }

  std::vector<std::string> words_;
  size_t at_ = 0;
};

std::string compiled(const std::vector<Refused>& refused) {
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (const Refused& each : refused) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, each.call, 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | each.error));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return {reinterpret_cast<const char*>(code.data()), code.size() * sizeof(sock_filter)};
}

}  // namespace

std::string filter_program(const jail::Message& policy, const std::string& file,
                           Refusals& refusals) {
  Reader reader(words_of(policy));
  const auto refused = reader.read();
  if (!refused) {
    refusals.add(jail::fault(file, policy.place("seccomp_string"), "").where(),
                 "a seccomp_string other than ERRNO(NUMBER) { CALL, ... } DEFAULT ALLOW, here at " +
                     reader.word());
  }
  return !refused || refused->empty() ? std::string() : compiled(*refused);
}

}  // namespace ktl::sandbox_bwrap
