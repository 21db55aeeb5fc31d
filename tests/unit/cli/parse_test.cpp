#include "cli/options/parse.h"

#include <gtest/gtest.h>

#include "cli/options/build_options.h"
#include "cli/options/value.h"

namespace ktl::cli {
namespace {

FlagSet flags() {
  FlagSet set(build_options());
  Manifest manifest;
  manifest.id = "p";
  manifest.flags = {{.name = "oci",
                     .value = PluginFlag::Value::kOptional,
                     .type = PluginFlag::Type::kText,
                     .implicit = "."},
                    {.name = "push", .aliases = {"publish"}}};
  EXPECT_TRUE(set.contribute(manifest).ok());
  return set;
}

// "name=value" of every flag, then the words.
std::string shown(const std::vector<std::string>& args) {
  FlagSet set = flags();
  Result<Parsed> parsed = parse_flags(set, args);
  if (!parsed.ok()) {
    return parsed.status().to_string();
  }
  std::string text;
  for (const Given& given : parsed->flags) {
    text += given.option->name + "=" + given.value + " ";
  }
  for (const std::string& word : parsed->words) {
    text += "[" + word + "]";
  }
  return text;
}

TEST(Parse, TakesFlagsInEverySpelling) {
  EXPECT_EQ(shown({".", "-t", "a", "-tb", "--tag", "c", "--tag=d", "-t=e"}),
            "tag=a tag=b tag=c tag=d tag=e [.]");
  EXPECT_EQ(shown({"-qt", "a", "."}), "quiet=true tag=a [.]");
  EXPECT_EQ(shown({"--target=", "."}), "target= [.]");
  EXPECT_EQ(shown({"--build-arg", "A=b=c", "."}), "build-arg=A=b=c [.]");
  EXPECT_EQ(shown({"--", "-t"}), "[-t]");
  EXPECT_EQ(shown({"-"}), "[-]");
}

TEST(Parse, TakesBooleansWithAndWithoutAValue) {
  EXPECT_EQ(shown({"--pull", "."}), "pull=true [.]");
  EXPECT_EQ(shown({"--pull=false", "--no-cache=TRUE"}), "pull=false no-cache=TRUE ");
  EXPECT_EQ(shown({"--publish", "."}), "push=true [.]");
  EXPECT_EQ(shown({"--pull=maybe"}), "invalid value \"maybe\" for --pull: true or false");
}

TEST(Parse, TakesAnOptionalValueOnlyWithEquals) {
  EXPECT_EQ(shown({"--oci", "."}), "oci=. [.]");
  EXPECT_EQ(shown({"--oci=out", "."}), "oci=out [.]");
}

TEST(Parse, RefusesAbbreviationsAndTypos) {
  EXPECT_EQ(shown({"--targ", "x"}), "unknown flag --targ\n  did you mean --target?");
  EXPECT_EQ(shown({"--fil=x"}).substr(0, 18), "unknown flag --fil");
  EXPECT_EQ(shown({"-Z"}), "unknown flag -Z");
}

TEST(Parse, RefusesWhatIsMissingOrTooMuch) {
  EXPECT_EQ(shown({"--tag"}), "--tag needs a value");
  EXPECT_EQ(shown({"--tag", ""}), "invalid value \"\" for --tag: at least one tag");
  EXPECT_EQ(shown({"--progress", "fancy"}).substr(0, 40),
            "invalid value \"fancy\" for --progress: on");
  EXPECT_EQ(shown({"--progress=plian"}),
            "invalid value \"plian\" for --progress: one of auto, tty, plain, quiet, rawjson\n"
            "  did you mean plain?");
}

TEST(Parse, SaysWhatIsNotBuiltYet) {
  EXPECT_EQ(shown({"--sbom", "."}).substr(0, 21), "--sbom: not built yet");
  EXPECT_EQ(shown({"--s3-cache=s3://b/p", "."}).substr(0, 25), "--s3-cache: not built yet");
}

TEST(Parse, RefusesNewlinesAndInvalidUtf8) {
  EXPECT_EQ(shown({"-t", "a\nb"}),
            "the value of --tag holds a newline or another control character: a?b");
  EXPECT_EQ(shown({"-t", "a\xFF"}), "an argument is not valid UTF-8");
  EXPECT_EQ(shown({"dir\x1b[31m"}),
            "an argument holds a newline or another control character: dir?[31m");
  EXPECT_EQ(shown({"--build-arg", "CA=line\nline"}), "build-arg=CA=line\nline ");
}

TEST(Parse, LeavesUnknownFlagsAsideAtFirst) {
  FlagSet set(bootstrap_options());
  auto parsed = parse_known_flags(set, {"--zap", "1", "--plugin-dir", "/p", "-t", "x", "."});
  ASSERT_TRUE(parsed.ok()) << parsed.status().to_string();
  ASSERT_EQ(parsed->flags.size(), 1U);
  EXPECT_EQ(parsed->flags[0].value, "/p");
}

TEST(Parse, SeesHelp) {
  FlagSet set = flags();
  EXPECT_TRUE(parse_flags(set, {"--help"})->help);
  EXPECT_TRUE(parse_flags(set, {"-h", "."})->help);
}

TEST(ParseBool, KnowsEightWords) {
  EXPECT_TRUE(*parse_bool("On"));
  EXPECT_FALSE(*parse_bool("0"));
  EXPECT_FALSE(parse_bool("").ok());
}

}  // namespace
}  // namespace ktl::cli
