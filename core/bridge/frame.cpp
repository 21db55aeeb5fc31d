#include "core/bridge/frame.h"

#include <string.h>

#include <algorithm>
#include <cstring>

namespace ktl::bridge {
namespace {

constexpr std::string_view kMagic("KTL\x01", 4);
constexpr uint8_t kSecretFlag = 1;

void wipe(std::vector<char>& bytes) {
  if (!bytes.empty()) {  // nothing may be at no address
    explicit_bzero(bytes.data(), bytes.size());
  }
}

void put(char* at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) {
    at[i] = static_cast<char>(value >> (8 * i));
  }
}

uint64_t get(const char* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) {
    value |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  return value;
}

Status broken(const std::string& what) { return {Code::kDataLoss, "a broken message: " + what}; }

}  // namespace

Frame::~Frame() {
  if (secret && !body.empty()) {
    wipe(body);
  }
}

void Frame::swap(Frame& other) noexcept {
  std::swap(kind, other.kind);
  std::swap(secret, other.secret);
  std::swap(id, other.id);
  head.swap(other.head);
  body.swap(other.body);
  fds.swap(other.fds);
}

Result<std::array<char, Frame::kHeaderBytes>> header_of(const Outgoing& frame, size_t head_size) {
  if (head_size > Frame::kMaxHead || frame.body.size() > Frame::kMaxBody ||
      frame.fds.size() > Frame::kMaxFds) {
    return Status(Code::kResourceExhausted, "a message of " +
                                                std::to_string(head_size + frame.body.size()) +
                                                " bytes is larger than the bridge carries");
  }
  std::array<char, Frame::kHeaderBytes> bytes{};
  std::ranges::copy(kMagic, bytes.data());
  put(bytes.data() + 4, static_cast<uint8_t>(frame.kind), 1);
  put(bytes.data() + 5, frame.secret ? kSecretFlag : 0, 1);
  put(bytes.data() + 6, frame.fds.size(), 2);
  put(bytes.data() + 8, frame.id, 8);
  put(bytes.data() + 16, head_size, 4);
  put(bytes.data() + 20, frame.body.size(), 4);
  return bytes;
}

struct FrameDecoder::Header {
  Kind kind;
  bool secret;
  size_t fds;
  uint64_t id;
  size_t head;
  size_t body;
};

FrameDecoder::~FrameDecoder() { wipe(); }

void FrameDecoder::wipe() {
  if (used_ > 0) {
    explicit_bzero(bytes_.get(), used_);
  }
}

// What moves is zeroed where it was: any of it may be a secret.
char* FrameDecoder::space(size_t size) {
  const size_t kept = end_ - begin_;
  if (begin_ > 0 && (kept == 0 || end_ + size > size_)) {
    std::copy_n(bytes_.get() + begin_, kept, bytes_.get());
    begin_ = 0;
    end_ = kept;
  }
  if (end_ + size > size_) {
    const size_t more = std::max(end_ + size, size_ * 2);
    auto larger = std::make_unique_for_overwrite<char[]>(more);
    std::copy_n(bytes_.get(), end_, larger.get());
    wipe();
    bytes_ = std::move(larger);
    size_ = more;
    used_ = end_;
  }
  return bytes_.get() + end_;
}

Status FrameDecoder::arrived(std::vector<UniqueFd> fds) {
  for (auto& fd : fds) {
    fds_.push_back(std::move(fd));
  }
  return fds_.size() <= 2 * Frame::kMaxFds ? Status() : broken("descriptors that nobody announced");
}

Result<FrameDecoder::Header> FrameDecoder::header() const {
  const char* at = bytes_.get() + begin_;
  Header header{static_cast<Kind>(get(at + 4, 1)),
                get(at + 5, 1) == kSecretFlag,
                get(at + 6, 2),
                get(at + 8, 8),
                get(at + 16, 4),
                get(at + 20, 4)};
  if (std::string_view(at, 4) != kMagic) {
    return broken("it does not begin as one of this revision");
  }
  if (header.kind < Kind::kCall || header.kind > Kind::kNotice || get(at + 5, 1) > kSecretFlag) {
    return broken("its kind is unknown");
  }
  if (header.head > Frame::kMaxHead || header.body > Frame::kMaxBody ||
      header.fds > Frame::kMaxFds) {
    return broken("it announces " + std::to_string(header.head + header.body) + " bytes and " +
                  std::to_string(header.fds) + " descriptors");
  }
  return header;
}

Status FrameDecoder::take_fds(size_t count, Frame& frame) {
  if (count > fds_.size()) {
    return broken("descriptors are missing");
  }
  for (; count > 0; --count) {
    frame.fds.push_back(std::move(fds_.front()));
    fds_.pop_front();
  }
  return {};
}

Result<std::optional<Frame>> FrameDecoder::next() {
  if (end_ - begin_ < Frame::kHeaderBytes) {
    return std::optional<Frame>();
  }
  KTL_ASSIGN(Header header, this->header());
  const size_t size = Frame::kHeaderBytes + header.head + header.body;
  if (end_ - begin_ < size) {
    return std::optional<Frame>();
  }
  char* head = bytes_.get() + begin_ + Frame::kHeaderBytes;
  auto parsed = parse_json({head, header.head}, Frame::kMaxHead);
  if (!parsed.ok() || !parsed->is_object()) {
    return broken("its head is no JSON object");
  }
  Frame frame;
  frame.kind = header.kind;
  frame.secret = header.secret;
  frame.id = header.id;
  frame.head = std::move(parsed->get_object());
  frame.body.assign(head + header.head, head + header.head + header.body);
  KTL_TRY(take_fds(header.fds, frame));
  if (header.secret) {
    explicit_bzero(head, size - Frame::kHeaderBytes);
  }
  begin_ += size;
  return std::optional<Frame>(std::move(frame));
}

}  // namespace ktl::bridge
