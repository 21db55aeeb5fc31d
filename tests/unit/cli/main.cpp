// `ktl build` starts its worker from the program it runs in, which here is this one.
#include <gtest/gtest.h>

#include <string_view>

#include "core/bridge/spawn.h"
#include "core/pipeline/worker.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == ktl::bridge::kBridgeWord) {
    return ktl::run_worker();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
