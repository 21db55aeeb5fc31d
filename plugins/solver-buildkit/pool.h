// One build on several daemons, each for some of its platforms.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "build.h"
#include "solving.h"

namespace ktl::solver {

// The parts run at the same time and stop at gates of their own; when all have, the pool stops at
// one, with an index of all platforms in the plan's order. It is committed when every part has
// ended well. The first part that fails is named and ends the others.
class Pool final : public Solving {
 public:
  struct Part {
    std::string builder;  // for messages
    std::unique_ptr<Build> build;
  };

  // `plan` is that of all parts together; `host` outlives the pool. At least two parts, each of
  // which makes an index (one_of_several).
  Pool(json::value plan, std::vector<Part> parts, Host& host);

  Status start() override;
  [[nodiscard]] const std::string& ref() const override { return parts_[0].part.build->ref(); }
  Result<json::object> next(const TurnContext& context) override;
  Status resume(bool allow, const std::string& reason) override;

 private:
  struct State {
    Part part;
    json::object gate;  // where it waits
    json::object done;  // how it ended
    bool waits = false;
  };
  // True: every part waits, or every part is done.
  Result<bool> look(const TurnContext& context);
  Status look_at(size_t index, const TurnContext& context);
  void stop_others(size_t index, const TurnContext& context);
  void wait(int cancel_fd) const;
  [[nodiscard]] TurnContext context_of(size_t index, const TurnContext& context) const;
  Result<json::object> gate_turn();
  Result<json::object> last_turn();
  Status commit_root();

  const json::value plan_;
  std::vector<State> parts_;
  Host& host_;
  std::optional<Root> root_;            // what all parts made
  std::optional<json::object> failed_;  // the turn of the part that failed
};

// The plan of a part: these platforms of `plan`, as an index even of one.
json::value one_of_several(json::value plan, const std::vector<std::string>& platforms);

// Moves what the folders of `from` hold ("files" of ktl.solved/1, in the same order) into those of
// `into`, and adds what is in tar files. kFailedPrecondition: both have something of one name;
// kDataLoss: a tar file is cut off.
Status merge_files(const json::array& into, const json::array& from);

// Caches that cannot be put together from several: kUnimplemented names the first. Each daemon
// would write a whole cache to the same place, and the last one's would be all that is left; only
// one inside the image (type=inline) is each platform's own.
Status check_poolable(const json::value& plan);

// One index of all images of `indexes` (JSON texts), first those of `platforms` in that order, then
// what else they hold; apart from that as the first. The bytes are those BuildKit writes for one
// builder. kInvalidArgument: no index; kDataLoss: a platform is missing or there twice.
Result<std::string> merge_indexes(const std::vector<std::string>& indexes,
                                  const std::vector<std::string>& platforms);

}  // namespace ktl::solver
