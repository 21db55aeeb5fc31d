#include "filesync/file_table.h"

#include <gtest/gtest.h>

namespace ktl::filesync {
namespace {

TEST(FileTable, HandsOutAFileOnce) {
  FileTable files;
  ASSERT_TRUE(files.add({"dir", kGoFolder | 0755}).ok());
  ASSERT_TRUE(files.add({"dir/a", 0644, 5, 77}).ok());
  ASSERT_TRUE(files.add({"dir/b", 0644}).ok());
  auto file = files.take(1);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->path, "dir/a");
  EXPECT_EQ(file->size, 5);
  EXPECT_EQ(file->mtime_ns, 77);
  EXPECT_EQ(files.take(1).status().code(), Code::kDataLoss);
  EXPECT_EQ(files.take(2)->path, "dir/b");
}

TEST(FileTable, RefusesWhatHasNoContent) {
  FileTable files;
  ASSERT_TRUE(files.add({"dir", kGoFolder | 0755}).ok());
  EXPECT_EQ(files.take(0).status().message(),
            "the builder asked for file 0, which is none or was sent before");
  EXPECT_EQ(files.take(1).status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace ktl::filesync
