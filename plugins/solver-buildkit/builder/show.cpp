#include "builder/show.h"

#include <fmt/format.h>

#include <array>

#include "base/clock.h"
#include "base/fd.h"
#include "builder/fence.h"
#include "builder/instance.h"
#include "builder/lock.h"
#include "builder/network.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 64U << 10U;
constexpr size_t kMaxId = 25;

std::string size_text(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) {
    size /= 1024;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

json::value last_end(const Home& home) {
  auto text = read_file(home.last_end(), kMaxFile);
  auto end = text.ok() ? parse_json(*text, kMaxFile) : Result<json::value>(text.status());
  return end.ok() ? *std::move(end) : json::value(nullptr);
}

std::string status_word(const json::object& builder) {
  return bool_of(builder, "running") ? fmt::format("running ({})", int_of(builder, "pid"))
                                     : "stopped";
}

}  // namespace

json::object describe(const Home& home, const std::string& zone, const std::string& network) {
  auto instance = running_instance(home);
  json::object document{{"schema", "ktl.builder-state/1"},
                        {"name", home.state.filename().string()},
                        {"zone", zone},
                        {"network", network},
                        {"running", instance.has_value()},
                        {"address", "unix://" + home.socket.string()},
                        {"state", home.state.string()},
                        {"log", home.log().string()},
                        {"steps_fenced", false},
                        {"last_end", last_end(home)}};
  if (instance) {
    document["pid"] = instance->daemon.pid;
    document["supervisor"] = instance->supervisor.pid;
    document["started"] = instance->started;
    std::vector<pid_t> users = lock_holders(home.clients_lock());
    const std::vector<FenceLine> lines = look_at_fence(home, network, instance->daemon.pid);
    document["steps_fenced"] = is_fence(lines);
    json::array isolation;
    for (const FenceLine& each : lines) {
      isolation.push_back(
          {{"control", each.control}, {"value", each.value}, {"evidence", each.evidence}});
    }
    document["isolation"] = std::move(isolation);
    document["used_by"] = json::array(users.begin(), users.end());
  }
  return document;
}

std::string builder_table(const std::vector<json::object>& builders) {
  std::string text = fmt::format("{:<16} {:<10} {:<18} {}\n", "ZONE", "NETWORK", "STATUS", "STATE");
  for (const json::object& builder : builders) {
    text +=
        fmt::format("{:<16} {:<10} {:<18} {}\n", text_of(builder, "zone"),
                    text_of(builder, "network"), status_word(builder), text_of(builder, "state"));
  }
  return text;
}

std::string builder_lines(const json::object& builder) {
  std::string text;
  auto line = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("{:<12} {}\n", name, value);
  };
  line("zone", text_of(builder, "zone"));
  auto network = parse_network(std::string(text_of(builder, "network")));
  line("network", network.ok() ? network_note(*network) : text_of(builder, "network"));
  line("status", status_word(builder));
  if (bool_of(builder, "running")) {
    line("started", text_of(builder, "started"));
    line("supervisor", std::to_string(int_of(builder, "supervisor")));
  }
  if (const json::value* lines = builder.if_contains("isolation")) {
    line("fence",
         bool_of(builder, "steps_fenced") ? "RUN steps are fenced" : "RUN steps are NOT fenced");
    for (const json::value& each : lines->as_array()) {
      line("", fmt::format("{}: {} ({})", text_of(each, "control"), text_of(each, "value"),
                           text_of(each, "evidence")));
    }
  }
  line("address", text_of(builder, "address"));
  line("state", text_of(builder, "state"));
  line("log", text_of(builder, "log"));
  if (const json::value* end = builder.if_contains("last_end");
      end != nullptr && end->is_object()) {
    line("last end", fmt::format("{}: {}", text_of(*end, "time"), text_of(*end, "reason")));
    text += text_of(*end, "log_tail");
    text += text.ends_with('\n') ? "" : "\n";
  }
  return text;
}

std::string cache_table(const std::vector<CacheRecord>& records, const std::string& verb) {
  std::string text =
      fmt::format("{:<25} {:<18} {:>10} {:<7} {}\n", "ID", "TYPE", "SIZE", "IN USE", "DESCRIPTION");
  int64_t total = 0;
  for (const CacheRecord& record : records) {
    total += record.size;
    text += fmt::format("{:<25} {:<18} {:>10} {:<7} {}\n", record.id.substr(0, kMaxId), record.type,
                        size_text(record.size), record.in_use ? "yes" : "no", record.description);
  }
  return text + fmt::format("{} {} in {} records\n", verb, size_text(total), records.size());
}

json::object cache_document(const std::vector<CacheRecord>& records) {
  json::array list;
  int64_t total = 0;
  for (const CacheRecord& record : records) {
    total += record.size;
    list.push_back(
        json::object{{"id", record.id},
                     {"type", record.type},
                     {"description", record.description},
                     {"size", record.size},
                     {"in_use", record.in_use},
                     {"shared", record.shared},
                     {"mutable", record.is_mutable},
                     {"used_count", record.used_count},
                     {"created", record.created_ns == 0 ? "" : rfc3339(record.created_ns)},
                     {"last_used", record.last_used_ns == 0 ? "" : rfc3339(record.last_used_ns)}});
  }
  return {{"schema", "ktl.builder-cache/1"}, {"total", total}, {"records", std::move(list)}};
}

}  // namespace ktl::builder
