#include <algorithm>

#include "core/document/fields.h"
#include "core/document/schemas.h"
#include "core/pipeline/judges.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/statements.h"

namespace ktl {

namespace {

// The Build track of SLSA 1.2 (https://slsa.dev/spec/v1.2/build-track-basics): level 1 is
// provenance, level 2 a hosted platform that signs it, which no program on its caller's machine is.
void state_slsa(Build& build) {
  const bool provenance = std::ranges::any_of(build.statements, [](const Statement& made) {
    return text_of(made.statement, "predicateType").starts_with("https://slsa.dev/provenance/");
  });
  build.isolation.slsa_level = provenance ? 1 : 0;
  build.isolation.slsa_why =
      provenance
          ? "level 2 needs a hosted platform that makes and signs the provenance itself: who "
            "calls ktl here could change it"
          : "level 1 needs provenance, and no plugin of this build made any";
}

}  // namespace

// A question to the frontend builds nothing that anything could be stated about.
Status attest(Build& build) {
  KTL_TRY(check_document("isolation-1", to_json(build.isolation)));
  if (build.request().inputs.call.method.empty()) {
    KTL_TRY(make_statements(build));
  }
  state_slsa(build);
  KTL_TRY(judge(build, Stage::kAttest));
  return sign_statements(build);
}

}  // namespace ktl
