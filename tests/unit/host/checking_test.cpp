#include "core/plugins/checking.h"

#include "host/rig.h"

namespace ktl {
namespace {

class CheckingTest : public testing::Test {
 protected:
  CheckingTest() {
    auto host = std::make_shared<Host>();
    host->checking = checking_;
    host_ = std::move(host);
  }
  std::vector<std::string> sentences(const std::string& plugin) const {
    std::vector<std::string> all;
    for (const auto& breach : checking_->breaches()) {
      all.push_back(sentence_of(breach, plugin));
    }
    return all;
  }

  std::shared_ptr<Checking> checking_ = std::make_shared<Checking>();
  std::shared_ptr<const Host> host_;
};

TEST_F(CheckingTest, NamesThePluginThatMisbehaves) {
  auto plugin = load_test_plugin("planted-write-after-fail", host_);
  ASSERT_TRUE(plugin->create(json::object(), CallContext()).ok());
  EXPECT_FALSE(plugin->invoke(verbs::kScan, json::object(), CallContext()).ok());
  EXPECT_EQ(sentences("test.p").at(0),
            "plugin test.p misbehaved in ktl.scan/1 scan (write-after-fail): it wrote a result "
            "after it had failed");
}

TEST_F(CheckingTest, NamesKtlWhenKtlMisbehaves) {
  auto plugin = load_test_plugin("planted-nothing", host_);
  EXPECT_FALSE(plugin->invoke(verbs::kScan, json::object(), CallContext()).ok());
  ASSERT_TRUE(plugin->create(json::object(), CallContext()).ok());
  EXPECT_TRUE(plugin->invoke(verbs::kScan, json::object(), CallContext()).ok());
  auto said = sentences("test.p");
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0],
            "ktl misbehaved towards plugin test.p in scan (lifetime): it called a verb of a plugin "
            "that has no instance");
  EXPECT_TRUE(
      said[1].starts_with("ktl misbehaved towards plugin test.p in ktl.scan/1 scan "
                          "(bad-input): it sent a document that is none: "))
      << said[1];
}

TEST_F(CheckingTest, ARuleIsToldOnceForEachVerb) {
  for (int i = 0; i < 3; ++i) {
    checking_->report({Side::kPlugin, "flood", "scan", "sent much"});
  }
  checking_->report({Side::kPlugin, "flood", "run", "sent much"});
  EXPECT_EQ(checking_->breaches().size(), 2U);
}

}  // namespace
}  // namespace ktl
