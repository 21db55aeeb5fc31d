#include "oci/kept_images.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "oci/index_file.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ktl::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeptImages : public testing::Test {
 protected:
  // Keeps an image of one layer of `size` bytes, last used at `used` seconds.
  Descriptor keep(const std::string& name, size_t size, time_t used) {
    const Store store = open_store(folder_);
    const Descriptor root = put_image(store, std::string(size, name[0]));
    const Reference reference = must(parse_tag(name));
    EXPECT_TRUE(update_index_file(folder_, [&](Index& index) {
                  put_entry(index, named(root, reference, NameStyle::kFull));
                  return Status();
                }).ok());
    for (const auto& blob : std::filesystem::directory_iterator(folder_ / "blobs/sha256")) {
      struct stat about{};
      ::stat(blob.path().c_str(), &about);
      if (about.st_mtime > 1'000'000'000) {  // not one of an earlier image
        const std::array<timespec, 2> times{{{used, 0}, {used, 0}}};
        ::utimensat(AT_FDCWD, blob.path().c_str(), times.data(), 0);
      }
    }
    return root;
  }
  std::vector<std::string> names() {
    std::vector<std::string> list;
    for (const KeptImage& image : must(kept_images(folder_))) {
      list.push_back(image.name.substr(image.name.rfind('/') + 1));
    }
    return list;
  }

  TempFolder temp_;
  const std::filesystem::path folder_ = temp_.path() / "store";
};

TEST_F(KeptImages, AreListedLastUsedFirst) {
  EXPECT_THAT(must(kept_images(folder_)), IsEmpty());
  keep("a:1", 100, 300);
  keep("b:1", 2000, 500);
  const auto images = must(kept_images(folder_));
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].name, "docker.io/library/b:1");
  EXPECT_EQ(images[0].used_unix, 500);
  EXPECT_GT(images[0].bytes, 2000);
  EXPECT_TRUE(images[0].whole);
  EXPECT_THAT(images[0].platforms, ElementsAre("linux/amd64"));
  mark_used(folder_, images[1].root.digest);
  EXPECT_THAT(names(), ElementsAre("a:1", "b:1"));
}

TEST_F(KeptImages, AreFoundByNameOrDigest) {
  const Descriptor root = keep("a:1", 100, 300);
  EXPECT_EQ(must(kept_image(folder_, "a:1")).root.digest, root.digest);
  EXPECT_EQ(must(kept_image(folder_, root.digest)).name, "docker.io/library/a:1");
  EXPECT_EQ(kept_image(folder_, "a").status().code(), Code::kNotFound);
  EXPECT_EQ(kept_image(folder_, "sha256:zz").status().code(), Code::kNotFound);
}

TEST_F(KeptImages, SayWhenPartsAreMissing) {
  const Descriptor root = keep("a:1", 100, 300);
  std::filesystem::remove(folder_ / BlobFolder::path_of(root.digest));
  EXPECT_FALSE(must(kept_image(folder_, "a:1")).whole);
}

TEST_F(KeptImages, GoOneByOneUntilTheyFit) {
  keep("a:1", 10'000, 300);
  keep("b:1", 10'001, 200);
  keep("c:1", 10'002, 400);
  {
    const Store store = open_store(folder_);
    must(store.put(std::string(5000, 'x'), "text/plain"));
    EXPECT_EQ(shrink(folder_, 1).status().code(), Code::kUnavailable);
  }
  const ShrinkResult first = must(shrink(folder_, 33'000));  // what nobody needs is enough
  EXPECT_THAT(first.images, IsEmpty());
  EXPECT_EQ(first.blobs.bytes, 5000);
  const ShrinkResult second = must(shrink(folder_, 22'000));
  EXPECT_THAT(second.images, ElementsAre("docker.io/library/b:1"));
  EXPECT_THAT(names(), ElementsAre("c:1", "a:1"));
  for (const KeptImage& image : must(kept_images(folder_))) {
    EXPECT_TRUE(image.whole) << image.name;
  }
}

TEST_F(KeptImages, TheNextOneWhoOpensTheStoreShrinksIt) {
  keep("a:1", 10'000, 300);
  keep("b:1", 10'001, 400);
  ASSERT_TRUE(limit_store(folder_, 1 << 20).ok());
  open_store(folder_);
  EXPECT_THAT(names(), ElementsAre("b:1", "a:1"));
  {
    const Store user = open_store(folder_);
    ASSERT_TRUE(limit_store(folder_, 11'000).ok());
    open_store(folder_);
    EXPECT_THAT(names(), ElementsAre("b:1", "a:1"));  // not under the user's feet
  }
  open_store(folder_);
  EXPECT_THAT(names(), ElementsAre("b:1"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "shrink-to"));
}

TEST_F(KeptImages, AStrangeNoteIsDropped) {
  keep("a:1", 10'000, 300);
  ASSERT_TRUE(write_file_atomic(folder_ / "shrink-to", "nonsense").ok());
  open_store(folder_);
  EXPECT_THAT(names(), ElementsAre("a:1"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "shrink-to"));
}

}  // namespace
}  // namespace ktl::oci
