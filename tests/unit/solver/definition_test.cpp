#include "ledger/definition.h"

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "gateway/places.h"
#include "ops.pb.h"

namespace ktl::solver {
namespace {

// local context -> COPY `path` -> RUN, as a frontend of session `session` makes it.
class Graph {
 public:
  Graph(const std::string& session, const std::string& path, bool network = true) {
    pb::Op source;
    source.mutable_source()->set_identifier("local://context");
    (*source.mutable_source()->mutable_attrs())["local.session"] = session;
    const std::string context = add(source);
    pb::Op copy;
    copy.add_inputs()->set_digest(context);
    auto& action = *copy.mutable_file()->add_actions();
    action.set_input(-1);
    action.mutable_copy()->set_src(path);
    const std::string copied = add(copy);
    pb::Op run;
    run.add_inputs()->set_digest(copied);
    run.mutable_exec()->set_network(network ? pb::UNSET : pb::NONE);
    const std::string ran = add(run, "[2/2] RUN x");
    auto& info = *definition_.mutable_source()->add_infos();
    info.set_filename("Dockerfile");
    info.set_data("FROM scratch\nCOPY a /\nRUN x\n");
    auto& range =
        *(*definition_.mutable_source()->mutable_locations())[ran].add_locations()->add_ranges();
    range.mutable_start()->set_line(3);
    range.mutable_end()->set_line(3);
    pb::Op last;
    last.add_inputs()->set_digest(ran);
    add(last);
  }
  [[nodiscard]] std::string bytes() const { return definition_.SerializeAsString(); }

 private:
  std::string add(const pb::Op& op, const std::string& name = "") {
    const std::string bytes = op.SerializeAsString();
    definition_.add_def(bytes);
    const std::string digest = digest_of(bytes);
    if (!name.empty()) {
      (*(*definition_.mutable_metadata())[digest].mutable_description())["llb.customname"] = name;
    }
    return digest;
  }
  pb::Definition definition_;
};

Result<std::string> all_alike(const ledger::Selection& selection) {
  return digest_of(selection.path);
}

PlannedRun run_of(const Graph& graph, const ledger::ContentDigest& content = all_alike) {
  auto runs = planned_runs(graph.bytes(), content);
  EXPECT_TRUE(runs.ok() && runs->size() == 1) << runs.status().to_string();
  return runs.ok() && runs->size() == 1 ? runs->front() : PlannedRun();
}

TEST(Definition, ADigestHoldsInEverySession) {
  const PlannedRun one = run_of({"s1", "/a"});
  EXPECT_EQ(one.name, "[2/2] RUN x");
  EXPECT_TRUE(one.network);
  EXPECT_TRUE(is_digest(one.step));
  EXPECT_EQ(run_of({"s2", "/a"}).step, one.step);
  EXPECT_NE(run_of({"s1", "/b"}).step, one.step);
  const PlannedRun cut_off = run_of({"s1", "/a", false});
  EXPECT_FALSE(cut_off.network);
  EXPECT_NE(cut_off.step, one.step);
}

TEST(Definition, AContentThatNobodyKnowsLeavesTheStepUnknown) {
  const auto run = run_of({"s1", "/a"}, [](const ledger::Selection&) {
    return Result<std::string>(Status(Code::kNotFound, "no"));
  });
  EXPECT_EQ(run.step, "");
}

TEST(Definition, WhatIsNoGraphIsAFailure) {
  EXPECT_FALSE(planned_runs("\xff\xff", all_alike).ok());
  pb::Definition broken;
  broken.add_def("\xff\xff");
  EXPECT_FALSE(planned_runs(broken.SerializeAsString(), all_alike).ok());
}

TEST(Places, KnowsLinesByName) {
  Places places;
  places.add(Graph("s1", "/a").bytes());
  places.add("\xff");
  const json::value source = places.source_of("[2/2] RUN x");
  EXPECT_EQ(text_of(source, "file"), "Dockerfile");
  EXPECT_EQ(int_of(source, "start_line"), 3);
  EXPECT_TRUE(places.source_of("[1/2] COPY").is_null());
}

}  // namespace
}  // namespace ktl::solver
