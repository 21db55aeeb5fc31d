#include "output_note.h"

#include <gtest/gtest.h>

#include <fstream>

#include "oci/output_lock.h"
#include "oci/temp_folder.h"

namespace ktl::export_oci {
namespace {

namespace fs = std::filesystem;
using Kind = OutputNote::Kind;

class OutputNoteTest : public ::testing::Test {
 protected:
  OutputNoteTest() : notes_(folder_.path() / "state/outputs"), out_(folder_.path() / "out") {}

  static void write(const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "half";
  }

  // What a writer leaves that is killed: its note, its lock's file and what it prepared.
  void killed(const fs::path& path, Kind kind) const {
    {
      OutputNote note = *OutputNote::make(notes_, path, kind);
      fs::copy(notes_, folder_.path() / "kept", fs::copy_options::recursive);
    }
    fs::copy(folder_.path() / "kept", notes_, fs::copy_options::recursive);
    fs::remove_all(folder_.path() / "kept");
    write(oci::OutputLock::lock_name(path));
    write(oci::OutputLock::temp_name(path) / "blobs/sha256/x");
  }

  TempFolder folder_;
  const fs::path notes_;
  const fs::path out_;
};

TEST_F(OutputNoteTest, GoesWithItsObject) {
  {
    OutputNote note = *OutputNote::make(notes_, out_, Kind::kDestination);
    EXPECT_FALSE(fs::is_empty(notes_));
  }
  EXPECT_TRUE(fs::is_empty(notes_));
}

TEST_F(OutputNoteTest, WhatAKilledWriterLeftIsRemoved) {
  killed(out_, Kind::kDestination);
  write(out_ / "blobs/sha256/0123.ktl-tmp");
  write(out_ / "blobs/sha256/0123");
  sweep_outputs(notes_);
  EXPECT_TRUE(fs::is_empty(notes_));
  EXPECT_FALSE(fs::exists(oci::OutputLock::temp_name(out_)));
  EXPECT_FALSE(fs::exists(oci::OutputLock::lock_name(out_)));
  EXPECT_FALSE(fs::exists(out_ / "blobs/sha256/0123.ktl-tmp"));
  EXPECT_TRUE(fs::exists(out_ / "blobs/sha256/0123"));
}

TEST_F(OutputNoteTest, NoLinkOfALayoutIsFollowed) {
  const fs::path other = folder_.path() / "other/blobs/sha256/4567.ktl-tmp";
  write(other);
  killed(out_, Kind::kDestination);
  fs::create_directories(out_);
  fs::create_directory_symlink(folder_.path() / "other/blobs", out_ / "blobs");
  sweep_outputs(notes_);
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::is_empty(notes_));
}

TEST_F(OutputNoteTest, OnlyATemporaryFileGoesItself) {
  killed(out_, Kind::kTemporary);
  write(out_);
  sweep_outputs(notes_);
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(OutputNoteTest, WhatIsBeingWrittenStays) {
  killed(out_, Kind::kTemporary);
  write(out_);
  const auto lock = oci::OutputLock::acquire(out_, 0, [] { return false; });
  ASSERT_TRUE(lock.ok());
  sweep_outputs(notes_);
  EXPECT_FALSE(fs::is_empty(notes_));
  EXPECT_TRUE(fs::exists(out_));
  EXPECT_TRUE(fs::exists(oci::OutputLock::temp_name(out_)));
}

TEST_F(OutputNoteTest, NonsenseRemovesNothingElse) {
  write(out_);
  fs::create_directories(notes_);
  std::ofstream(notes_ / "a") << "temporary\nout";
  std::ofstream(notes_ / "b") << "temporary\n" << folder_.path().native() << "/";
  std::ofstream(notes_ / "c") << out_.native();
  std::ofstream(notes_ / "d") << "temporary\n/no/such/folder/out";
  sweep_outputs(notes_);
  EXPECT_TRUE(fs::is_empty(notes_));
  EXPECT_TRUE(fs::exists(out_));
}

}  // namespace
}  // namespace ktl::export_oci
