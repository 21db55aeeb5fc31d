# ktl_embed_templates(OUT FOLDER): writes OUT, a C++ file with every FOLDER/<lang>/<file> as a text
# in the table ktl::cli::kTemplates, so that an installed ktl can write plugins without its sources.
function(ktl_embed_templates OUT FOLDER)
  file(GLOB_RECURSE _files CONFIGURE_DEPENDS RELATIVE ${FOLDER} ${FOLDER}/*)
  list(SORT _files)
  list(LENGTH _files _count)
  set(_entries "")
  foreach(_file IN LISTS _files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FOLDER}/${_file})
    get_filename_component(_language ${_file} DIRECTORY)
    get_filename_component(_name ${_file} NAME)
    file(READ ${FOLDER}/${_file} _text)
    string(APPEND _entries "    {\"${_language}\", \"${_name}\", R\"ktl-file(${_text})ktl-file\"},\n")
  endforeach()
  # Not by configure: the texts keep their @NAME@.
  file(GENERATE OUTPUT ${OUT} CONTENT "#include \"cli/templates.h\"
namespace ktl::cli {
const std::array<Template, ${_count}> kTable = {{
${_entries}}};
const std::span<const Template> kTemplates = kTable;
}  // namespace ktl::cli
")
endfunction()
