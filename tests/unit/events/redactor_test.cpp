#include "core/events/redactor.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

TEST(Redactor, CleansDocumentsTextsAndErrors) {
  auto values = std::make_shared<redact::Values>();
  const Redactor redactor(values);
  EXPECT_EQ(redactor.clean_text("hunter2hunter2"), "hunter2hunter2");
  ASSERT_TRUE(values->add("hunter2hunter2").ok());
  EXPECT_EQ(redactor.clean_text("a hunter2hunter2 b"), "a *** b");
  EXPECT_EQ(json::serialize(redactor.clean(json::object{{"k", {"hunter2hunter2"}}})),
            R"({"k":["***"]})");
  EXPECT_EQ(json::serialize(redactor.clean(json::value("hunter2hunter2"))), R"("***")");
  const Status status = redactor.clean(Status(Code::kNotFound, "no hunter2hunter2")
                                           .at("at/hunter2hunter2:1")
                                           .advise("drop hunter2hunter2"));
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(status.to_string(), "at/***:1: no ***\n  drop ***");
  EXPECT_TRUE(redactor.clean(Status()).ok());
}

TEST(Redactor, WithoutValuesKnowsTheFormsOfSecrets) {
  EXPECT_EQ(Redactor(nullptr).clean_text("ghp_" + std::string(36, 'A')), "***");
}

}  // namespace
}  // namespace ktl
