#include "filesync/receiver.h"

#include <gtest/gtest.h>

#include <utility>

namespace ktl::filesync {
namespace {

uint64_t take_varint(std::string_view& rest) {
  uint64_t value = 0;
  for (unsigned shift = 0; !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 127U) << shift;
    if (byte < 128) {
      break;
    }
  }
  return value;
}

std::string req(uint64_t id) {
  EXPECT_LT(id, 1U << 21U);
  std::string message = {8, 1, 24};
  for (; id >= 128; id >>= 7U) {
    message += static_cast<char>(128U | (id & 127U));
  }
  return message + static_cast<char>(id);
}

}  // namespace

Fields Fields::of(std::string_view message) {
  Fields fields;
  while (!message.empty()) {
    const uint64_t tag = take_varint(message);
    const uint64_t value = take_varint(message);
    const auto field = static_cast<unsigned>(tag >> 3U);
    if ((tag & 7U) == 0) {
      fields.numbers[field] = value;
      continue;
    }
    EXPECT_EQ(tag & 7U, 2U);
    EXPECT_LE(value, message.size());
    fields.bytes[field].emplace_back(message.substr(0, value));
    message.remove_prefix(std::min<size_t>(value, message.size()));
  }
  return fields;
}

uint64_t Fields::number(unsigned field) const {
  const auto found = numbers.find(field);
  return found == numbers.end() ? 0 : found->second;
}

std::string Fields::text(unsigned field) const {
  const auto found = bytes.find(field);
  return found == bytes.end() ? "" : found->second.back();
}

Seen Seen::of(const Fields& stat) {
  Seen seen = {stat.text(1), stat.number(2)};
  EXPECT_EQ(stat.number(3), 0U);  // the user and the group are never told
  EXPECT_EQ(stat.number(4), 0U);
  seen.size = static_cast<int64_t>(stat.number(5));
  seen.mtime_ns = static_cast<int64_t>(stat.number(6));
  seen.linkname = stat.text(7);
  seen.devmajor = stat.number(8);
  seen.devminor = stat.number(9);
  if (const auto xattrs = stat.bytes.find(10); xattrs != stat.bytes.end()) {
    for (const std::string& xattr : xattrs->second) {
      const Fields pair = Fields::of(xattr);
      seen.xattrs[pair.text(1)] = pair.text(2);
    }
  }
  return seen;
}

std::string line(const Seen& seen) {
  if ((seen.mode >> 31U) != 0) {
    return "dir " + seen.path;
  }
  if ((seen.mode >> 27U & 1U) != 0) {
    return "link:" + seen.linkname + " " + seen.path;
  }
  if (!seen.linkname.empty()) {
    return "hard:" + seen.linkname + " " + seen.path;
  }
  return ((seen.mode >> 24U) == 0 ? "file " : "other ") + seen.path;
}

std::vector<std::string> lines(const std::vector<Seen>& seen) {
  std::vector<std::string> out;
  for (const Seen& entry : seen) {
    out.push_back(line(entry));
  }
  return out;
}

Status Receiver::send(std::string_view message) {
  largest = std::max(largest, message.size());
  const Fields packet = Fields::of(message);
  switch (packet.number(1)) {
    case 0:
      take_stat(packet);
      break;
    case 2:
      take_data(packet);
      break;
    case 3:
      complete = true;
      break;
    default:
      error = packet.text(4);
  }
  return {};
}

void Receiver::take_stat(const Fields& packet) {
  if (!packet.bytes.contains(2)) {
    all_stats_ = true;
    finish_when_complete();
    return;
  }
  const uint64_t id = seen.size();
  seen.push_back(Seen::of(Fields::of(packet.text(2))));
  on_stat(seen.back());
  const bool has_content = seen.back().mode >> 20U == 0 && seen.back().linkname.empty();
  if (has_content && wants(seen.back())) {
    open_[id] = "";
    say(req(id));
  }
}

void Receiver::take_data(const Fields& packet) {
  const auto file = open_.find(packet.number(3));
  ASSERT_NE(file, open_.end()) << "nobody asked for " << packet.number(3);
  if (!packet.text(4).empty()) {
    file->second += packet.text(4);
    return;
  }
  contents[seen.at(file->first).path] = std::move(file->second);
  open_.erase(file);
  finish_when_complete();
}

void Receiver::finish_when_complete() {
  if (!all_stats_ || !open_.empty()) {
    return;
  }
  if (hang_up) {
    interrupt();
  } else if (last_word.has_value()) {
    say(*last_word);
  }
}

void Receiver::say(std::string message) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(message));
  news_.notify_one();
}

Result<std::optional<std::string>> Receiver::receive() {
  std::unique_lock lock(mutex_);
  news_.wait(lock, [this] { return ended_ || !answers_.empty(); });
  if (answers_.empty()) {
    return std::optional<std::string>();
  }
  std::optional<std::string> answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

void Receiver::interrupt() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  news_.notify_one();
}

Status transfer(const TreeRequest& request, Receiver& receiver, Progress* progress) {
  return send_tree(request, receiver, receiver, [] { return false; }, progress);
}

}  // namespace ktl::filesync
