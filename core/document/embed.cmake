# ktl_embed_schemas(OUT FOLDER): writes OUT, a C++ file with every FOLDER/<name>-<version>.json as
# a text in the table ktl::kSchemas, so that an installed ktl needs no file beside it.
function(ktl_embed_schemas OUT FOLDER)
  file(GLOB _schemas CONFIGURE_DEPENDS ${FOLDER}/*.json)
  list(SORT _schemas)
  set(_entries "")
  list(LENGTH _schemas _count)
  foreach(_schema IN LISTS _schemas)
    get_filename_component(_name ${_schema} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_schema})
    file(READ ${_schema} _text)
    string(APPEND _entries "    {\"${_name}\", R\"ktl-schema(${_text})ktl-schema\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [=[
#include "core/document/schema_table.h"
namespace ktl {
const std::array<EmbeddedSchema, @_count@> kTable = {{
@_entries@}};
const std::span<const EmbeddedSchema> kSchemas = kTable;
}  // namespace ktl
]=])
endfunction()
