# Precompiled headers, which take two thirds off the time of a build: one for everything and one
# with GoogleTest for the tests. They hold headers of others only, never one of ours.
#
# -DKTL_PRECOMPILED=OFF builds without: a file that leans on an include it does not name fails then,
# and the compiler warns of more.

set(KTL_COMMON_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstring> <deque>
  <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view>
  <thread> <utility> <vector> <boost/json.hpp> <fmt/format.h>)

# ktl_precompiled_header(NAME LIBRARY HEADER...): an object library whose precompiled header others
# use.
function(ktl_precompiled_header name library)
  set(source ${CMAKE_BINARY_DIR}/precompiled/${name})
  foreach(language c cpp)  # plugins have a manifest in C
    file(CONFIGURE OUTPUT ${source}.${language} CONTENT "typedef int ${name}_${language};\n")
  endforeach()
  add_library(${name} OBJECT ${source}.c ${source}.cpp)
  target_link_libraries(${name} PRIVATE ${library})
  list(TRANSFORM ARGN REPLACE "<(.+)>" "$<$<COMPILE_LANGUAGE:CXX>:<\\1$<ANGLE-R>>"
       OUTPUT_VARIABLE headers)
  target_precompile_headers(${name} PRIVATE ${headers} "$<$<COMPILE_LANGUAGE:C>:<stddef.h$<ANGLE-R>>")
endfunction()

# The targets of a folder and of the folders below it that have C++ to compile.
function(ktl_targets_below folder out)
  get_property(found DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    ktl_targets_below(${below} more)
    list(APPEND found ${more})
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# ktl_use_precompiled(FOLDER NAME): for all targets below FOLDER.
function(ktl_use_precompiled folder name)
  ktl_targets_below(${CMAKE_SOURCE_DIR}/${folder} targets)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(sources ${target} SOURCES)
    if(type MATCHES "EXECUTABLE|LIBRARY" AND NOT type STREQUAL "INTERFACE_LIBRARY"
        AND sources MATCHES "[.]cpp|[.]cc")
      target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
  endforeach()
endfunction()

if(KTL_PRECOMPILED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  ktl_precompiled_header(ktl_headers Boost::headers ${KTL_COMMON_HEADERS})
  foreach(folder sdk lib core plugins cli)
    ktl_use_precompiled(${folder} ktl_headers)
  endforeach()
  if(KTL_TESTS)
    ktl_precompiled_header(ktl_test_headers GTest::gmock ${KTL_COMMON_HEADERS} <gmock/gmock.h>)
    ktl_use_precompiled(tests/unit ktl_test_headers)
    ktl_use_precompiled(tests/conformance ktl_test_headers)
  endif()
endif()
