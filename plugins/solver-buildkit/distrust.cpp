#include "distrust.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "lock/allow_list.h"

namespace ktl::solver {
namespace {

constexpr size_t kLastLines = 60;  // a stack trace; what a step said before did not end it
constexpr size_t kMaxHost = 255;
constexpr std::string_view kBundle = "/etc/ssl/certs/ca-certificates.crt";
// Java reads no such bundle, and the proxy has another key whenever the builder starts.
constexpr std::string_view kStore =
    "-Djavax.net.ssl.trustStore, in that RUN: sed -n '/buildkit proxy CA begin/,/buildkit proxy CA "
    "end/p' /etc/ssl/certs/ca-certificates.crt > /tmp/proxy.pem && keytool -importcert -noprompt "
    "-alias proxy -file /tmp/proxy.pem -keystore /tmp/proxy.p12 -storepass changeit && export "
    "JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore=/tmp/proxy.p12 "
    "-Djavax.net.ssl.trustStorePassword=changeit'";

// What a program prints: both texts in one line.
struct Complaint {
  std::string_view client;
  std::string_view text;
  std::string_view also;
  std::string_view set;
};

constexpr std::string_view kPython = "CERTIFICATE_VERIFY_FAILED";
constexpr std::string_view kNode = "NODE_EXTRA_CA_CERTS (or npm's cafile)";

// The first that fits counts.
constexpr std::array<Complaint, 17> kComplaints = {{
    {"pip", "problem confirming the ssl certificate", "", "PIP_CERT"},
    {"pip", "Retrying (Retry(", kPython, "PIP_CERT"},
    {"a program with Python's requests", "HTTPSConnectionPool(", kPython, "REQUESTS_CA_BUNDLE"},
    {"Python", kPython, "", "SSL_CERT_FILE"},
    {"Java", "PKIX path building failed", "", kStore},
    {"Java", "unable to find valid certification path", "", kStore},
    {"git", "unable to access '", "server certificate verification failed", "GIT_SSL_CAINFO"},
    {"git", "unable to access '", "SSL certificate problem", "GIT_SSL_CAINFO"},
    {"curl", "curl: (60)", "", "CURL_CA_BUNDLE"},
    {"curl", "curl: (77)", "", "CURL_CA_BUNDLE"},
    {"a Go program", "x509: certificate signed by unknown authority", "", "SSL_CERT_FILE"},
    {"npm", "npm ", "unable to verify the first certificate", kNode},
    {"npm", "npm ", "certificate in certificate chain", kNode},
    {"Node.js", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "", kNode},
    {"Node.js", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "", kNode},
    {"Node.js", "SELF_SIGNED_CERT_IN_CHAIN", "", kNode},
    {"a program", "unable to get local issuer certificate", "", "SSL_CERT_FILE"},
}};

const Complaint* complaint_in(std::string_view line) {
  const auto* found = std::ranges::find_if(kComplaints, [line](const Complaint& each) {
    return line.find(each.text) != std::string_view::npos &&
           line.find(each.also) != std::string_view::npos;
  });
  return found == kComplaints.end() ? nullptr : found;
}

bool names_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
}

// HOST or HOST:PORT at the beginning of `text`, without "user:password@" before it.
std::string host_at(std::string_view text) {
  const size_t end = text.find_first_of("/?#'\" \t)>,;");
  text = text.substr(0, end);
  text.remove_prefix(text.rfind('@') == std::string_view::npos ? 0 : text.rfind('@') + 1);
  const auto* stop = std::ranges::find_if_not(text, names_host);
  std::string host(text.substr(0, static_cast<size_t>(stop - text.begin())));
  while (host.ends_with(':') || host.ends_with('.')) {
    host.pop_back();
  }
  host.resize(host.ends_with(":443") ? host.size() - 4 : host.size());
  return host.size() <= kMaxHost ? host : "";
}

// The hosts that `text` speaks of.
std::set<std::string> hosts_in(std::string_view text) {
  std::set<std::string> hosts;
  for (const std::string_view before : {"https://", "host='"}) {
    for (size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at)) {
      at += before.size();
      hosts.insert(host_at(text.substr(at)));
    }
  }
  hosts.erase("");
  return hosts;
}

std::string only(const std::set<std::string>& hosts) {
  return hosts.size() == 1 ? *hosts.begin() : "";
}

// Of the line itself, else of the command, else of the nearest line above that has one.
std::string host_of(const std::vector<std::string>& tail, size_t line, const std::string& step) {
  if (std::string host = only(hosts_in(tail[line])); !host.empty()) {
    return host;
  }
  if (std::string host = only(hosts_in(step)); !host.empty()) {
    return host;
  }
  for (size_t i = line; i-- > 0 && line - i <= kLastLines;) {
    if (const auto hosts = hosts_in(tail[i]); !hosts.empty()) {
      return only(hosts);
    }
  }
  return "";
}

std::string cure_of(const Complaint& complaint) {
  const std::string how = complaint.set == kStore
                              ? std::string(kStore)
                              : fmt::format("{} to {} in that RUN", complaint.set, kBundle);
  return fmt::format(
      "set {}; the proxy's certificate is in the image's bundle while a step runs, if the image "
      "has one (package ca-certificates)",
      how);
}

}  // namespace

std::optional<Distrust> distrust_in(const std::vector<std::string>& tail, const std::string& step,
                                    const std::vector<std::string>& allow) {
  const size_t first = tail.size() > kLastLines ? tail.size() - kLastLines : 0;
  for (size_t i = tail.size(); i-- > first;) {
    if (const Complaint* complaint = complaint_in(tail[i]); complaint != nullptr) {
      std::string host = host_of(tail, i, step);
      host = host.empty() && allow.size() == 1 ? allow.front() : host;
      return Distrust{std::string(complaint->client), std::move(host), cure_of(*complaint)};
    }
  }
  return std::nullopt;
}

void explain_distrust(const json::value& plan, json::object& error) {
  const json::value* fence = field_of(plan, "fence");
  const std::string step(text_of(error, "step"));
  const std::string_view network = fence == nullptr ? "open" : text_of(*fence, "network", "open");
  if (network == "open" || network == "none" || step.empty()) {
    return;
  }
  const std::vector<std::string> allow = texts_of(*fence, "allow");
  const auto found = distrust_in(texts_of(error, "log_tail"), step, allow);
  if (!found) {
    return;
  }
  const auto list = lock::AllowList::parse(allow);
  const bool listed = network != "list" || found->host.empty() || !list.ok() ||
                      list->match("https://" + found->host);
  error["message"] = fmt::format(
      "step {}: {} does not trust the certificate that the builder's proxy shows for {}", step,
      found->client, found->host.empty() ? "a host of --allow-network" : found->host);
  error["next"] = found->cure + (listed ? "" : "; and add " + found->host + " to --allow-network");
}

}  // namespace ktl::solver
