# ktl_protobuf: protobuf's lite runtime as a static library that goes into one shared object.
#
# Debian's is not position independent and comes from scripts/deps (KTL_DEPS). Only one plugin may
# link it: two copies of protobuf in one process are safe only as long as nobody exports a symbol.
find_program(KTL_PROTOC protoc REQUIRED)
if(NOT EXISTS ${KTL_DEPS}/lib/libprotobuf-lite.a)
  message(FATAL_ERROR "${KTL_DEPS}/lib has no position independent protobuf: run scripts/deps")
endif()

add_library(ktl_protobuf INTERFACE)
target_link_libraries(ktl_protobuf INTERFACE ${KTL_DEPS}/lib/libprotobuf-lite.a Threads::Threads)

# ktl_proto_library(NAME PROTOS a.proto ...): one static library of generated messages. Includes
# are "a.pb.h".
function(ktl_proto_library NAME)
  cmake_parse_arguments(P "" "" "PROTOS" ${ARGN})
  set(_out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${_out})
  set(_sources "")
  foreach(_proto IN LISTS P_PROTOS)
    get_filename_component(_stem ${_proto} NAME_WE)
    get_filename_component(_dir ${CMAKE_CURRENT_SOURCE_DIR}/${_proto} DIRECTORY)
    set(_generated ${_out}/${_stem}.pb.cc ${_out}/${_stem}.pb.h)
    add_custom_command(OUTPUT ${_generated}
      COMMAND ${KTL_PROTOC} -I ${_dir} --cpp_out=${_out} ${CMAKE_CURRENT_SOURCE_DIR}/${_proto}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${_proto} VERBATIM)
    list(APPEND _sources ${_generated})
  endforeach()
  add_library(${NAME} STATIC ${_sources})
  target_include_directories(${NAME} SYSTEM PUBLIC ${_out})
  target_link_libraries(${NAME} PUBLIC ktl_protobuf)
  target_compile_options(${NAME} PRIVATE -w -ffunction-sections -fdata-sections)
endfunction()
