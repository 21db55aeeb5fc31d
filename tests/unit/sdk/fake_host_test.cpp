#include <gtest/gtest.h>
#include <ktl/iface/export.h>
#include <ktl/iface/scan.h>
#include <ktl/testing/fake_host.h>
#include <poll.h>

extern "C" const ktl_plugin_draft test_block_scan_entry;

namespace ktl::testing {
namespace {

constexpr const char* kConfig = R"({"severity":"warn","message":"so it is"})";

TEST(FakeHost, HearsWhatAPluginSays) {
  FakeHost host(test_block_scan_entry);
  ASSERT_EQ(host.create(kConfig), KTL_OK);
  ASSERT_EQ(host.lines().size(), 1U);
  EXPECT_EQ(host.lines()[0].text, std::string("created with ") + kConfig);
  ASSERT_EQ(host.call(KTL_SCAN_ID, &ktl_scan_v1::scan, "{}"), KTL_OK);
  EXPECT_NE(host.result().find(R"("severity":"warn")"), std::string::npos);
  ASSERT_EQ(host.events().size(), 1U);
  EXPECT_EQ(host.events()[0].type, "finding/1");
  EXPECT_EQ(host.lines()[1].text, "read 2 bytes");
  EXPECT_EQ(host.code(), KTL_OK);
}

TEST(FakeHost, SaysWhatThePluginDoesNotProvide) {
  FakeHost host(test_block_scan_entry);
  ASSERT_EQ(host.create(kConfig), KTL_OK);
  EXPECT_EQ(host.call(KTL_EXPORT_ID, &ktl_export_v1::commit, "{}"), KTL_UNIMPLEMENTED);
}

// A plugin in plain C functions: what the SDK's classes never need to do by hand.
struct Stopper {
  const ktl_host* host;
};
Stopper stopper;
ktl_status wait_for_stop(ktl_instance*, ktl_call* call, ktl_str) {
  const ktl_host& host = *stopper.host;
  pollfd stop{host.cancel_fd(call), POLLIN, 0};
  bool told = poll(&stop, 1, 0) == 1 && host.cancelled(call) == 1;
  bool limited = host.deadline_ns(call) == 7;
  const void* service = host.get(call, {"test/1", 6});
  host.write(call, {"done", service == nullptr ? size_t{0} : size_t{4}});
  return told && limited ? host.fail(call, KTL_CANCELLED, {"stopped", 7}, {"again", 5}) : KTL_OK;
}
const ktl_scan_v1 kScan = {&wait_for_stop};
const ktl_interface kInterfaces[] = {{KTL_SCAN_ID, &kScan}, {nullptr, nullptr}};
const ktl_plugin_draft kPlugin = {"", kInterfaces,
                                  [](const ktl_host* host, ktl_call*, ktl_str, ktl_instance** out) {
                                    stopper.host = host;
                                    *out = reinterpret_cast<ktl_instance*>(&stopper);
                                    return static_cast<ktl_status>(KTL_OK);
                                  },
                                  [](ktl_instance*) {}};

TEST(FakeHost, CancelsLimitsAndOffersServices) {
  FakeHost host(kPlugin);
  ASSERT_EQ(host.create("{}"), KTL_OK);
  EXPECT_EQ(host.call(KTL_SCAN_ID, &ktl_scan_v1::scan, "{}"), KTL_OK);
  EXPECT_EQ(host.result(), "");
  host.offer("test/1", &kPlugin);
  host.set_deadline_ns(7);
  host.cancel();
  EXPECT_EQ(host.call(KTL_SCAN_ID, &ktl_scan_v1::scan, "{}"), KTL_CANCELLED);
  EXPECT_EQ(host.result(), "done");
  EXPECT_EQ(host.message(), "stopped");
  EXPECT_EQ(host.next(), "again");
}

}  // namespace
}  // namespace ktl::testing
