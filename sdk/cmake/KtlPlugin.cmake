# ktl_add_plugin(NAME [STATIC_TWIN] MANIFEST manifest.json [SCHEMA schema.json] SOURCES a.cpp ...
#                [LIBRARIES target ...])
#
# Builds lib/ktl/plugins/NAME.so: one exported symbol, everything else hidden, its dependencies
# inside, its manifest in the ELF section .ktl.manifest. The manifest gets "abi" (the sha256 of
# the SDK's headers) and, from SCHEMA, "config". STATIC_TWIN also makes a static library
# NAME_static whose entry is called NAME_entry (dashes become underscores), for tests.

# The headers are the contract while it is a draft: their hash decides whether a plugin may load.
file(GLOB _ktl_headers RELATIVE ${CMAKE_CURRENT_LIST_DIR}/../include
     CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/../include/ktl/*.h
                       ${CMAKE_CURRENT_LIST_DIR}/../include/ktl/iface/*.h)
list(SORT _ktl_headers)
set(_ktl_all "")
foreach(_header IN LISTS _ktl_headers)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${CMAKE_CURRENT_LIST_DIR}/../include/${_header})
  file(SHA256 ${CMAKE_CURRENT_LIST_DIR}/../include/${_header} _hash)
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

function(ktl_add_plugin NAME)
  cmake_parse_arguments(P "STATIC_TWIN" "MANIFEST;SCHEMA;OUTPUT_DIRECTORY" "SOURCES;LIBRARIES" ${ARGN})
  set(_manifest ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.json)
  if(P_SCHEMA)
    set(P_SCHEMA ${CMAKE_CURRENT_SOURCE_DIR}/${P_SCHEMA})
  endif()
  _ktl_manifest(${CMAKE_CURRENT_SOURCE_DIR}/${P_MANIFEST} "${P_SCHEMA}" ${_manifest})
  # .incbin keeps the JSON as it is, whatever its length; "R": stays although nothing refers to it.
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c CONTENT [=[
__asm__(".pushsection .ktl.manifest,\"aR\",@progbits\n.incbin \"@_manifest@\"\n.popsection\n");
typedef int ktl_manifest_is_above;
]=] @ONLY)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c PROPERTIES
                              OBJECT_DEPENDS ${_manifest})
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.map
       "{ global: ktl_plugin_draft_entry; local: *; };\n")

  add_library(${NAME} MODULE ${P_SOURCES} ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.manifest.c)
  if(NOT P_OUTPUT_DIRECTORY)
    set(P_OUTPUT_DIRECTORY ${KTL_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  set_target_properties(${NAME} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${P_OUTPUT_DIRECTORY}
                        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${NAME} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>
                         -ffunction-sections -fdata-sections)
  target_compile_definitions(${NAME} PRIVATE KTL_HEADERS_SHA256="${KTL_HEADERS_SHA256}")
  target_link_libraries(${NAME} PRIVATE ktl::sdk ${P_LIBRARIES})
  target_link_options(${NAME} PRIVATE
    -Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/${NAME}.map -Wl,--exclude-libs,ALL
    -Wl,--gc-sections -Wl,-z,now)
  if(NOT KTL_SANITIZE)  # the sanitizers' runtime lives in the program
    # Without symbol tables: every start hashes the file, and two thirds of it would be debug data.
    target_link_options(${NAME} PRIVATE -Wl,-z,defs $<$<CONFIG:RelWithDebInfo,Release>:-Wl,-s>)
  endif()

  # ktl loads nothing that others than its owner can change, whatever the builder's umask.
  add_custom_command(TARGET ${NAME} POST_BUILD VERBATIM
    COMMAND chmod go-w $<TARGET_FILE:${NAME}> $<TARGET_FILE_DIR:${NAME}>)

  if(P_STATIC_TWIN)
    string(REPLACE "-" "_" _symbol ${NAME}_entry)
    add_library(${NAME}_static STATIC ${P_SOURCES})
    target_compile_definitions(${NAME}_static PRIVATE KTL_PLUGIN_SYMBOL=${_symbol}
                               KTL_HEADERS_SHA256="${KTL_HEADERS_SHA256}")
    target_link_libraries(${NAME}_static PUBLIC ktl::sdk ${P_LIBRARIES})
  endif()
endfunction()
