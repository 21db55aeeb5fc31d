#include "core/bridge/head.h"

#include <gtest/gtest.h>

namespace ktl::bridge {
namespace {

TEST(Fields, TakesEveryFieldOnceAndNoOther) {
  const json::object head{{"a", "text"}, {"n", 3}, {"o", json::object{{"k", 1}}}};
  Fields fields(head);
  EXPECT_EQ(fields.text("a", 4), "text");
  EXPECT_EQ(fields.number("n"), 3);
  EXPECT_EQ(fields.object("o").size(), 1U);
  EXPECT_TRUE(fields.done().ok());
}

TEST(Fields, MissingWrongTooLongAndUnknownAreSaidSo) {
  const json::object head{{"a", "text"}, {"b", "more"}};
  {
    Fields fields(head);
    fields.text("a", 3);
    EXPECT_NE(fields.done().message().find("a is too long"), std::string::npos);
  }
  {
    Fields fields(head);
    fields.number("a");
    EXPECT_NE(fields.done().message().find("a is no number"), std::string::npos);
  }
  {
    Fields fields(head);
    fields.text("c", 3);
    EXPECT_NE(fields.done().message().find("c is missing"), std::string::npos);
  }
  Fields fields(head);
  fields.text("a", 10);
  EXPECT_NE(fields.done().message().find("unknown field"), std::string::npos);
}

TEST(Answer, AFailureSurvivesTheWay) {
  Status status = Status(Code::kNotFound, "gone").at("Dockerfile:1").advise("look");
  auto answer = answer_of(head_of(status));
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->status.code(), Code::kNotFound);
  EXPECT_EQ(answer->status.to_string(), status.to_string());
}

TEST(Answer, SuccessKeepsItsFields) {
  auto answer = answer_of({{"code", 0}, {"size", 5}});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->status.ok());
  EXPECT_EQ(int_of(answer->value, "size"), 5);
}

TEST(Answer, WhatIsNoneIsRefused) {
  EXPECT_EQ(answer_of({}).status().code(), Code::kDataLoss);
  EXPECT_EQ(answer_of({{"code", 99}, {"message", ""}, {"where", ""}, {"next", ""}}).status().code(),
            Code::kDataLoss);
  EXPECT_EQ(answer_of({{"code", 5}}).status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace ktl::bridge
