#include "dockerfile/sources.h"

#include <algorithm>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "https" of "HTTPS://host/"; empty when there is no scheme.
std::string scheme_of(std::string_view source) {
  const size_t end = source.find("://");
  if (end == std::string_view::npos || !std::ranges::all_of(source.substr(0, end), is_alnum)) {
    return {};
  }
  return to_lower(source.substr(0, end));
}

// user@host:path, with at least one letter before each sign.
bool is_scp_style(std::string_view source) {
  const auto in = [](std::string_view extra) {
    return [extra](char c) { return is_alnum(c) || extra.find(c) != std::string_view::npos; };
  };
  const size_t at = source.find('@');
  if (at == 0 || at == std::string_view::npos) {
    return false;
  }
  const std::string_view behind = source.substr(at + 1);
  const size_t colon = behind.find(':');
  return colon != 0 && colon != std::string_view::npos &&
         std::ranges::all_of(source.substr(0, at), in("-_")) &&
         std::ranges::all_of(behind.substr(0, colon), in("-."));
}

std::string percent_decoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string pair = text[i] == '%' ? to_lower(text.substr(i + 1, 2)) : std::string();
    if (pair.size() == 2 && pair.find_first_not_of(kDigits) == std::string::npos) {
      out += static_cast<char>(kDigits.find(pair[0]) * 16 + kDigits.find(pair[1]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool names_repository(std::string_view url) {
  const size_t path = url.find('/', url.find("://") + 3);
  if (path == std::string_view::npos) {
    return false;
  }
  url.remove_prefix(path);
  return percent_decoded(url.substr(0, url.find_first_of("?#"))).ends_with(".git");
}

// Fields of one CSV record (RFC 4180): a field that starts with a quote runs to the next lone one.
Result<std::vector<std::string>> csv_fields(std::string_view record) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    const bool field_start = i == 0 || (!quoted && record[i - 1] == ',');
    if (!quoted && c == ',') {
      fields.emplace_back();
    } else if (!quoted && field_start && c == '"') {
      quoted = true;
    } else if (quoted && c == '"' && record.substr(i + 1).starts_with('"')) {
      fields.back() += record[++i];
    } else if (quoted && c == '"' && (i + 1 == record.size() || record[i + 1] == ',')) {
      quoted = false;
    } else if (c == '"') {
      return Status(Code::kInvalidArgument, "a stray quote in --mount=" + std::string(record));
    } else {
      fields.back() += c;
    }
  }
  if (quoted) {
    return Status(Code::kInvalidArgument,
                  "a quote is not closed in --mount=" + std::string(record));
  }
  return fields;
}

Result<std::string> mount_source(std::string_view mount) {
  std::string from;
  KTL_ASSIGN(const auto fields, csv_fields(mount));
  for (const std::string& field : fields) {
    const size_t equals = field.find('=');
    if (equals == std::string::npos || to_lower(field.substr(0, equals)) != "from") {
      continue;
    }
    from = field.substr(equals + 1);
    const size_t dollar = from.find('$');
    if (dollar != std::string::npos && dollar + 1 != from.size()) {
      return Status(Code::kInvalidArgument,
                    "variables are not expanded in --mount=...,from=" + from)
          .advise("name a stage there that starts FROM " + from);
    }
  }
  return from.empty() ? std::string("scratch") : from;
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  const bool has = text.starts_with(prefix);
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

}  // namespace

Origin origin_of(std::string_view source) {
  const std::string scheme = scheme_of(source);
  if (scheme == "ssh" || scheme == "git") {
    return Origin::kGit;
  }
  if (scheme == "http" || scheme == "https") {
    return names_repository(source) ? Origin::kGit : Origin::kHttp;
  }
  return scheme.empty() && is_scp_style(source) ? Origin::kGit : Origin::kLocal;
}

Result<std::vector<std::string>> mount_sources(const Instruction& run) {
  std::vector<std::string> sources;
  for (const std::string_view mount : flag_values(run, "mount")) {
    KTL_ASSIGN(auto source, mount_source(mount));
    sources.push_back(std::move(source));
  }
  return sources;
}

std::string familiar_name(std::string_view image) {
  if (drop_prefix(image, "docker.io/") || drop_prefix(image, "index.docker.io/") ||
      image.find('/') == image.rfind('/')) {
    drop_prefix(image, "library/");
  }
  if (image.ends_with(":latest")) {
    image.remove_suffix(std::string_view(":latest").size());
  }
  return std::string(image);
}

}  // namespace ktl::dockerfile
