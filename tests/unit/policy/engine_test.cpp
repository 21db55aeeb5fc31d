#include "engine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"

namespace ktl::policy {
namespace {

// A program that stands for the engine.
class Stand {
 public:
  explicit Stand(const std::string& script) {
    EXPECT_TRUE(write_file_atomic(path_, "#!/bin/sh\n" + script + "\n", 0755).ok());
  }
  ~Stand() { std::filesystem::remove(path_); }
  [[nodiscard]] Status ask() const {
    auto engine = Engine::start(path_);
    return engine.ok() ? (*engine)->ask({{"op", "load"}}, 500).status() : engine.status();
  }

 private:
  const std::string path_ =
      std::filesystem::temp_directory_path() / ("engine-" + std::to_string(::getpid()));
};

TEST(Engine, OneThatIsMissingIsSaid) {
  EXPECT_EQ(Engine::start("/none/such").status().code(), Code::kFailedPrecondition);
}

TEST(Engine, OneThatDiesHasNotAnswered) {
  EXPECT_EQ(Stand("exit 0").ask().code(), Code::kAborted);
  EXPECT_EQ(Stand("printf '\\0\\0\\0\\011{'").ask().code(), Code::kAborted);
}

TEST(Engine, OneThatIsSilentIsNotWaitedFor) {
  EXPECT_EQ(Stand("exec sleep 60").ask().code(), Code::kDeadlineExceeded);
}

TEST(Engine, OneThatLiesIsNotBelieved) {
  EXPECT_EQ(Stand("printf '\\377\\377\\377\\377'; exec sleep 60").ask().code(),
            Code::kResourceExhausted);
  EXPECT_FALSE(Stand("printf '\\0\\0\\0\\002{{'; exec sleep 60").ask().ok());
}

TEST(Engine, WhatItSaysOfRulesIsTheUsersMistake) {
  const std::string load = R"({"error":{"message":"m","place":"a:1:2","load":true}})";
  const Status status =
      Stand("printf '\\0\\0\\0\\065'; printf '%s' '" + load + "'; exec sleep 60").ask();
  EXPECT_EQ(load.size(), 53U);  // 065
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.where(), "a:1:2");
}

}  // namespace
}  // namespace ktl::policy
