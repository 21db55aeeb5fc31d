#include "core/document/schemas.h"
#include "core/pipeline/judges.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/statements.h"

namespace ktl {

// A question to the frontend builds nothing that anything could be stated about.
Status attest(Build& build) {
  KTL_TRY(check_document("isolation-1", to_json(build.isolation)));
  if (build.request().inputs.call.method.empty()) {
    KTL_TRY(make_statements(build));
  }
  KTL_TRY(judge(build, Stage::kAttest));
  return sign_statements(build);
}

}  // namespace ktl
