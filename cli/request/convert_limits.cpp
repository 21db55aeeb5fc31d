#include "cli/request/convert_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/number.h"
#include "base/suggest.h"
#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

Status invalid(const std::string& message, const std::string& advice) {
  return Status(Code::kInvalidArgument, message).advise(advice);
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

// "k" -> 10, the power of two that a unit stands for; -1 for what is no unit.
int shift_of(std::string_view unit) {
  if (unit.empty() || unit == "b") {
    return 0;
  }
  constexpr std::string_view kUnits = "kmgtp";
  const size_t found = kUnits.find(unit[0]);
  const std::string_view rest = unit.substr(1);
  bool known = found != std::string_view::npos && (rest.empty() || rest == "b" || rest == "ib");
  return known ? 10 * (static_cast<int>(found) + 1) : -1;
}

bool is_cpu_list(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789,-") == std::string_view::npos &&
         text.front() != '-' && text.front() != ',' && text.back() != '-' && text.back() != ',';
}

constexpr std::array<std::string_view, 15> kUlimits = {
    "core", "cpu",    "data",  "fsize", "locks",  "memlock", "msgqueue",  "nice",
    "rss",  "nofile", "nproc", "stack", "rtprio", "rttime",  "sigpending"};

enum class Kind { kBytes, kNumber, kList };
struct Resource {
  std::string_view name;
  Kind kind;
};
constexpr std::array<Resource, 7> kResources = {{{"memory", Kind::kBytes},
                                                 {"memory-swap", Kind::kBytes},
                                                 {"cpu-shares", Kind::kNumber},
                                                 {"cpu-period", Kind::kNumber},
                                                 {"cpu-quota", Kind::kNumber},
                                                 {"cpuset-cpus", Kind::kList},
                                                 {"cpuset-mems", Kind::kList}}};

Result<std::string> resource_value(const Resource& resource, const std::string& text) {
  switch (resource.kind) {
    case Kind::kList:
      return is_cpu_list(text) ? Result<std::string>(text)
                               : invalid("\"" + text + "\" is no list of CPUs", "write 0-3 or 0,2");
    case Kind::kNumber:
      return whole_number(text).value_or(0) > 0
                 ? Result<std::string>(text)
                 : invalid("\"" + text + "\" is no whole number above 0", "write e.g. 50000");
    case Kind::kBytes:
      break;
  }
  if (resource.name == "memory-swap" && text == "-1") {
    return text;
  }
  KTL_ASSIGN(const int64_t number, read_bytes(text));
  return std::to_string(number);
}

}  // namespace

Result<std::vector<std::string>> read_host(const std::string& word) {
  size_t split = word.find('=');
  split = split == std::string::npos ? word.find(':') : split;
  const std::string host = word.substr(0, split);
  if (split == std::string::npos || host.empty() || host.find(',') != std::string::npos) {
    return invalid("--add-host \"" + word + "\" names no host and address",
                   "write --add-host HOST:IP");
  }
  std::vector<std::string> made;
  for (std::string address : split_commas(word.substr(split + 1))) {
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
      address = address.substr(1, address.size() - 2);
    }
    if (address == "host-gateway") {
      return invalid("--add-host " + word + ": only docker's own builder knows host-gateway",
                     "write the address that the steps shall use");
    }
    if (!is_address(address)) {
      return invalid("--add-host " + word + ": \"" + address + "\" is no IP address",
                     "write --add-host HOST:IP");
    }
    made.push_back(host + "=" + address);
  }
  return made.empty() ? invalid("--add-host " + word + " has no address", "write HOST:IP")
                      : Result<std::vector<std::string>>(std::move(made));
}

Result<std::string> read_ulimit(const std::string& word) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  if (equals == std::string::npos || std::ranges::find(kUlimits, name) == kUlimits.end()) {
    return invalid("--ulimit \"" + word + "\" is not NAME=SOFT[:HARD] with a known name",
                   "the names are those of setrlimit(2): nofile, nproc, core ...");
  }
  const std::string limits = word.substr(equals + 1);
  const size_t colon = limits.find(':');
  const auto soft = whole_number(limits.substr(0, colon));
  const auto hard =
      colon == std::string::npos ? soft : whole_number(std::string_view(limits).substr(colon + 1));
  if (!soft || !hard || *soft < -1 || *hard < -1) {
    return invalid("--ulimit " + word + ": a limit is a whole number or -1",
                   "write --ulimit " + name + "=1024:2048");
  }
  if (*hard != -1 && (*soft > *hard || *soft == -1)) {
    return invalid("--ulimit " + word + ": the soft limit is above the hard one",
                   "the second number is the hard limit");
  }
  return name + "=" + std::to_string(*soft) + ":" + std::to_string(*hard);
}

Result<int64_t> read_bytes(std::string_view text) {
  constexpr int64_t kMax = int64_t{1} << 62;
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string unit(end, text.data() + text.size());
  std::ranges::transform(unit, unit.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const int shift = shift_of(unit);
  if (error != std::errc() || shift < 0 || number <= 0 || number > (kMax >> shift)) {
    return invalid("\"" + std::string(text) + "\" is no size", "write bytes, or 64m, 2g ...");
  }
  return number << shift;
}

Result<std::pair<std::string, std::string>> read_resource(const std::string& word) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const auto* known = std::ranges::find(kResources, name, &Resource::name);
  if (equals == std::string::npos || known == kResources.end()) {
    std::vector<std::string> names;
    for (const Resource& resource : kResources) {
      names.emplace_back(resource.name);
    }
    const std::string near = did_you_mean(name, names);
    return invalid("--resource \"" + word + "\" is not NAME=VALUE with a known name",
                   near.empty() ? "e.g. memory=2g, cpu-quota=50000, cpuset-cpus=0-1" : near);
  }
  auto value = resource_value(*known, word.substr(equals + 1));
  if (!value.ok()) {
    return std::move(value).status().in("--resource " + name);
  }
  return std::pair(name, *std::move(value));
}

}  // namespace ktl::cli
