#include "ledger/entry.h"

#include <gmock/gmock.h>

#include "core/document/schemas.h"

namespace ktl::ledger {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

Entry sample() { return {kDigest, "no-egress", {{"https://a/b?c", kDigest, 7}}, kDigest, 42}; }

TEST(Entry, SurvivesTheWayThroughALine) {
  const std::string line = to_line(sample());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  auto read = entry_from_line(line);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(to_line(*read), line);
  EXPECT_EQ(read->requests[0].url, "https://a/b?c");
}

TEST(Entry, IsTheDocumentOfItsSchema) {
  const Status status = check_document("ledger-1", *parse_json(to_line(sample())));
  EXPECT_TRUE(status.ok()) << status.to_string();
}

TEST(Entry, IsRefusedWhenAPartIsMissingOrWrong) {
  using Field = std::pair<std::string, json::value>;
  const json::object no_digest{{"url", "u"}, {"digest", "x"}, {"size", 1}};
  const json::object no_size{{"url", "u"}, {"digest", ""}, {"size", -1}};
  for (const auto& [key, value] :
       {Field("schema", "ktl.ledger/2"), Field("step", "sha256:1"), Field("fence", ""),
        Field("fence", json::string(129, 'x')), Field("requests", nullptr),
        Field("requests", json::array{1}), Field("requests", json::array{no_digest}),
        Field("requests", json::array{no_size}), Field("policy", "x"), Field("time_ns", -1),
        Field("time_ns", "1")}) {
    json::value wrong = *parse_json(to_line(sample()));
    wrong.as_object()[key] = value;
    EXPECT_FALSE(entry_from_line(json::serialize(wrong)).ok()) << json::serialize(wrong);
  }
  EXPECT_FALSE(entry_from_line("{").ok());
  EXPECT_FALSE(entry_from_line("[]").ok());
}

}  // namespace
}  // namespace ktl::ledger
