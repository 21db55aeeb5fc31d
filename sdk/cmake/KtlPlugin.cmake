# ktl_add_plugin(NAME [STATIC_TWIN] MANIFEST manifest.json [SCHEMA schema.json] SOURCES a.cpp ...
#                [LIBRARIES target ...] [OUTPUT_DIRECTORY dir])
#
# Builds NAME.so in OUTPUT_DIRECTORY, else in KTL_PLUGIN_OUTPUT_DIRECTORY, else in the build folder:
# one exported symbol, everything else hidden, its dependencies inside, its manifest in the ELF
# section .ktl.manifest. The manifest gets "abi" (the sha256 of
# the SDK's headers) and, from SCHEMA, "config". STATIC_TWIN also makes a static library
# NAME_static whose entry is called NAME_entry (dashes become underscores), for tests.

# In ktl's sources the headers are beside this folder, installed they are in <prefix>/include.
set(_ktl_include ${CMAKE_CURRENT_LIST_DIR}/../include)
if(NOT EXISTS ${_ktl_include}/ktl/plugin.h)
  set(_ktl_include ${CMAKE_CURRENT_LIST_DIR}/../../../include)
endif()
get_filename_component(_ktl_include ${_ktl_include} ABSOLUTE)
set(KTL_SDK_INCLUDE ${_ktl_include} CACHE INTERNAL "")

# The headers are the contract while it is a draft: their hash decides whether a plugin may load.
file(GLOB _ktl_headers RELATIVE ${KTL_SDK_INCLUDE} CONFIGURE_DEPENDS
     ${KTL_SDK_INCLUDE}/ktl/*.h ${KTL_SDK_INCLUDE}/ktl/iface/*.h)
list(SORT _ktl_headers)
set(_ktl_all "")
foreach(_header IN LISTS _ktl_headers)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${KTL_SDK_INCLUDE}/${_header})
  file(SHA256 ${KTL_SDK_INCLUDE}/${_header} _hash)
  string(APPEND _ktl_all "${_header} ${_hash}\n")
endforeach()
string(SHA256 KTL_HEADERS_SHA256 "${_ktl_all}")
set(KTL_SDK_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "")
set(KTL_HEADERS_SHA256 ${KTL_HEADERS_SHA256} CACHE INTERNAL "")

# Writes OUT: MANIFEST plus "abi" and, when SCHEMA is given, "config".
function(_ktl_manifest MANIFEST SCHEMA OUT)
  file(READ ${MANIFEST} _json)
  string(JSON _json SET "${_json}" abi "\"${KTL_HEADERS_SHA256}\"")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${MANIFEST} ${SCHEMA})
  if(SCHEMA)
    file(READ ${SCHEMA} _schema)
    string(JSON _json SET "${_json}" config "${_schema}")
  endif()
  file(CONFIGURE OUTPUT ${OUT} CONTENT "${_json}" @ONLY)
endfunction()

# Writes OUT: the C file that says which headers the plugin was built with. A file of its own, so
# that another hash compiles one line again and not the plugin.
function(_ktl_contract OUT)
  file(CONFIGURE OUTPUT ${OUT} CONTENT [=[
extern const char ktl_headers_sha256[];
const char ktl_headers_sha256[] = "@KTL_HEADERS_SHA256@";
]=] @ONLY)
endfunction()

function(ktl_add_plugin NAME)
  cmake_parse_arguments(P "STATIC_TWIN" "MANIFEST;SCHEMA;OUTPUT_DIRECTORY" "SOURCES;LIBRARIES" ${ARGN})
  set(_manifest ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.json)
  cmake_path(ABSOLUTE_PATH P_MANIFEST BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  if(P_SCHEMA)
    cmake_path(ABSOLUTE_PATH P_SCHEMA BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  _ktl_manifest(${P_MANIFEST} "${P_SCHEMA}" ${_manifest})
  _ktl_contract(${CMAKE_CURRENT_BINARY_DIR}/${NAME}.contract.c)
  # .incbin keeps the JSON as it is, whatever its length; "R": stays although nothing refers to it.
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c CONTENT [=[
__asm__(".pushsection .ktl.manifest,\"aR\",@progbits\n.incbin \"@_manifest@\"\n.popsection\n");
typedef int ktl_manifest_is_above;
]=] @ONLY)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c PROPERTIES
                              OBJECT_DEPENDS ${_manifest})
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.map
       "{ global: ktl_plugin_draft_entry; local: *; };\n")

  add_library(${NAME} MODULE ${P_SOURCES} ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c
              ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.contract.c)
  if(NOT P_OUTPUT_DIRECTORY)
    set(P_OUTPUT_DIRECTORY ${KTL_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  if(NOT P_OUTPUT_DIRECTORY)
    set(P_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  set_target_properties(${NAME} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${P_OUTPUT_DIRECTORY}
                        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${NAME} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>
                         -ffunction-sections -fdata-sections)
  target_link_libraries(${NAME} PRIVATE ktl::sdk ${P_LIBRARIES})
  target_link_options(${NAME} PRIVATE
    -Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/${NAME}.map -Wl,--exclude-libs,ALL
    -Wl,--gc-sections -Wl,-z,now)
  # Nothing to look up in a shared library, and a small table of what has to be moved: that was most
  # of the time of loading a plugin. libgcc stays shared: an exception that escapes must find its way
  # through ktl's frames.
  if(NOT KTL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    include(CheckLinkerFlag)
    check_linker_flag(CXX -Wl,-z,pack-relative-relocs KTL_PACKED_RELOCATIONS)  # glibc 2.36
    target_link_options(${NAME} PRIVATE -static-libstdc++
                        $<$<BOOL:${KTL_PACKED_RELOCATIONS}>:-Wl,-z,pack-relative-relocs>)
  endif()
  if(NOT KTL_SANITIZE)  # the sanitizers' runtime lives in the program
    # Without symbol tables: every start hashes the file, and two thirds of it would be debug data.
    target_link_options(${NAME} PRIVATE -Wl,-z,defs $<$<CONFIG:RelWithDebInfo,Release>:-Wl,-s>)
  endif()

  # ktl loads nothing that others than its owner can change, whatever the builder's umask.
  add_custom_command(TARGET ${NAME} POST_BUILD VERBATIM
    COMMAND chmod go-w $<TARGET_FILE:${NAME}> $<TARGET_FILE_DIR:${NAME}>)

  if(P_STATIC_TWIN)
    string(REPLACE "-" "_" _symbol ${NAME}_entry)
    add_library(${NAME}_static STATIC ${P_SOURCES} ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.contract.c)
    target_compile_definitions(${NAME}_static PRIVATE KTL_PLUGIN_SYMBOL=${_symbol})
    target_link_libraries(${NAME}_static PUBLIC ktl::sdk ${P_LIBRARIES})
  endif()
endfunction()
