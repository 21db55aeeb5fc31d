#include "builder/own_addresses.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/fd.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxBlocks = 1U << 16U;
constexpr size_t kBuffer = 1U << 16U;  // the kernel's messages of a dump have 32 KiB at most
constexpr int kTurns = 8;              // a table that changes while it is read is read again
constexpr unsigned kMappedBits = 96;

struct Question {
  unsigned char family;
  unsigned char type;
};
// What is delivered here: addresses, and those that reach this machine among others.
constexpr std::array<Question, 4> kQuestions = {{{AF_INET, RTN_LOCAL},
                                                 {AF_INET, RTN_BROADCAST},
                                                 {AF_INET6, RTN_LOCAL},
                                                 {AF_INET6, RTN_ANYCAST}}};

enum class Dump { kDone, kMore, kAgain, kFailed };

UniqueFd open_netlink() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  const int on = 1;
  // The kernel then looks for the type itself, which matters where there are a million routes.
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
  const timeval patience{2, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  return fd;
}

bool ask(const UniqueFd& fd, const Question& question) {
  struct {
    nlmsghdr header;
    rtmsg route;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = RTM_GETROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.route.rtm_family = question.family;
  request.route.rtm_type = question.type;
  return fd.valid() && ::send(fd.get(), &request, sizeof(request), 0) == sizeof(request);
}

// Tables of policy routing are asked for marked packets only, most often.
bool is_for_everybody(const rtmsg& route) {
  return route.rtm_dst_len > 0 || route.rtm_table >= RT_TABLE_DEFAULT;
}

// One route, whose bytes `size` are all there.
void add_route(const rtmsg& route, size_t size, const Question& question,
               std::vector<AddressBlock>& blocks) {
  if (route.rtm_type != question.type || route.rtm_family != question.family ||
      !is_for_everybody(route)) {
    return;
  }
  const bool mapped = route.rtm_family == AF_INET;
  AddressBlock block{mapped ? to_address(0) : IpAddress{},
                     route.rtm_dst_len + (mapped ? kMappedBits : 0U)};
  auto* attribute = const_cast<rtattr*>(RTM_RTA(&route));
  for (size_t left = size; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const size_t length = mapped ? sizeof(in_addr) : sizeof(in6_addr);
    if (attribute->rta_type == RTA_DST && RTA_PAYLOAD(attribute) == length) {
      std::memcpy(block.network.data() + block.network.size() - length, RTA_DATA(attribute),
                  length);
    }
  }
  blocks.push_back(block);
}

// The end of a dump may say that it is none: a number of errno(3), below 0.
bool ended_well(const nlmsghdr& header) {
  int error = 0;
  if (header.nlmsg_len >= NLMSG_LENGTH(sizeof(error))) {
    std::memcpy(&error, NLMSG_DATA(&header), sizeof(error));
  }
  return error >= 0;
}

Dump take_message(const nlmsghdr& header, const Question& question,
                  std::vector<AddressBlock>& blocks) {
  if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
    return Dump::kAgain;
  }
  if (header.nlmsg_type == NLMSG_DONE) {
    return ended_well(header) ? Dump::kDone : Dump::kFailed;
  }
  if (header.nlmsg_type != RTM_NEWROUTE || header.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg)) ||
      blocks.size() >= kMaxBlocks) {
    return Dump::kFailed;
  }
  const auto* route = static_cast<const rtmsg*>(NLMSG_DATA(&header));
  add_route(*route, header.nlmsg_len - NLMSG_LENGTH(sizeof(rtmsg)), question, blocks);
  return Dump::kMore;
}

Dump take_answer(const UniqueFd& fd, const Question& question, std::vector<AddressBlock>& blocks) {
  alignas(nlmsghdr) static thread_local std::array<char, kBuffer> buffer;
  const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), MSG_TRUNC);
  if (got <= 0 || static_cast<size_t>(got) > buffer.size()) {
    return Dump::kFailed;
  }
  auto left = static_cast<unsigned>(got);
  Dump state = Dump::kMore;
  for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data());
       state == Dump::kMore && NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    state = take_message(*header, question, blocks);
  }
  return state;
}

Dump dump(const Question& question, std::vector<AddressBlock>& blocks) {
  const UniqueFd fd = open_netlink();
  Dump state = ask(fd, question) ? Dump::kMore : Dump::kFailed;
  while (state == Dump::kMore) {
    state = take_answer(fd, question, blocks);
  }
  return state;
}

IpAddress last_of(const AddressBlock& block) {
  IpAddress last = block.network;
  for (unsigned bit = block.bits; bit < 128; ++bit) {
    last[bit / 8] |= static_cast<uint8_t>(0x80U >> bit % 8);
  }
  return last;
}

IpAddress first_of(const AddressBlock& block) {
  IpAddress first = block.network;
  for (unsigned bit = block.bits; bit < 128; ++bit) {
    first[bit / 8] &= static_cast<uint8_t>(~(0x80U >> bit % 8));
  }
  return first;
}

}  // namespace

IpAddress to_address(uint32_t ipv4) {
  IpAddress address{};
  address[10] = address[11] = 0xff;
  for (unsigned i = 0; i < 4; ++i) {
    address[12 + i] = static_cast<uint8_t>(ipv4 >> (24 - 8 * i));
  }
  return address;
}

IpAddress to_address(const in6_addr& ipv6) {
  IpAddress address{};
  std::memcpy(address.data(), &ipv6, address.size());
  return address;
}

AddressSet::AddressSet(const std::vector<AddressBlock>& blocks) {
  std::vector<Range> all;
  all.reserve(blocks.size());
  for (const AddressBlock& block : blocks) {
    all.push_back({first_of(block), last_of(block)});
  }
  std::ranges::sort(all, {}, &Range::first);
  for (const Range& range : all) {
    if (ranges_.empty() || ranges_.back().last < range.first) {
      ranges_.push_back(range);
    } else {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    }
  }
}

bool AddressSet::contains(const IpAddress& address) const {
  auto after = std::ranges::upper_bound(ranges_, address, {}, &Range::first);
  return after != ranges_.begin() && address <= std::prev(after)->last;
}

std::optional<AddressSet> own_addresses() {
  std::vector<AddressBlock> blocks;
  for (const Question& question : kQuestions) {
    const size_t before = blocks.size();
    Dump state = Dump::kAgain;
    for (int turn = 0; turn < kTurns && state == Dump::kAgain; ++turn) {
      blocks.resize(before);
      state = dump(question, blocks);
    }
    if (state != Dump::kDone) {
      return std::nullopt;
    }
  }
  return AddressSet(blocks);
}

}  // namespace ktl::builder
