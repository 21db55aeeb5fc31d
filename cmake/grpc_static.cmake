# ktl_grpc: gRPC C++ and what it needs, as static libraries that go into one shared object.
#
# Debian's libgrpc*, libssl, libcrypto and libcares are position independent; abseil, protobuf and
# re2 are not and come from scripts/deps (KTL_DEPS). Shared libgrpc++ costs 10-20 ms at every
# start, this 2 ms (docs/measurements.md). Only one plugin may link it: two copies of protobuf in
# one process are safe only as long as nobody exports a symbol.
find_path(KTL_GRPC_INCLUDE grpcpp/grpcpp.h REQUIRED)
find_program(KTL_PROTOC protoc REQUIRED)
find_program(KTL_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

if(NOT EXISTS ${KTL_DEPS}/lib/libprotobuf.a)
  message(FATAL_ERROR "${KTL_DEPS}/lib has no position independent protobuf: run scripts/deps")
endif()
file(GLOB _ktl_absl CONFIGURE_DEPENDS ${KTL_DEPS}/lib/libabsl_*.a)

# One group: the archives refer to each other in circles.
set(_ktl_group libgrpc++.a libgrpc.a libgpr.a libaddress_sorting.a libupb.a libcares.a libssl.a
    libcrypto.a ${KTL_DEPS}/lib/libprotobuf.a ${KTL_DEPS}/lib/libre2.a ${_ktl_absl})
list(JOIN _ktl_group "," _ktl_group)

add_library(ktl_grpc INTERFACE)
target_include_directories(ktl_grpc SYSTEM INTERFACE ${KTL_GRPC_INCLUDE})
target_link_libraries(ktl_grpc INTERFACE "$<LINK_GROUP:RESCAN,${_ktl_group}>" z Threads::Threads)

# ktl_proto_library(NAME PROTOS a.proto ... [SERVICES b.proto ...]): one static library of generated
# messages, and of client stubs for SERVICES. Includes are "a.pb.h", "b.grpc.pb.h".
function(ktl_proto_library NAME)
  cmake_parse_arguments(P "" "" "PROTOS;SERVICES" ${ARGN})
  set(_out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${_out})
  set(_sources "")
  foreach(_proto IN LISTS P_PROTOS)
    get_filename_component(_stem ${_proto} NAME_WE)
    get_filename_component(_dir ${CMAKE_CURRENT_SOURCE_DIR}/${_proto} DIRECTORY)
    set(_generated ${_out}/${_stem}.pb.cc ${_out}/${_stem}.pb.h)
    set(_grpc "")
    if(_proto IN_LIST P_SERVICES)
      list(APPEND _generated ${_out}/${_stem}.grpc.pb.cc ${_out}/${_stem}.grpc.pb.h)
      set(_grpc --grpc_out=${_out} --plugin=protoc-gen-grpc=${KTL_GRPC_CPP_PLUGIN})
    endif()
    add_custom_command(OUTPUT ${_generated}
      COMMAND ${KTL_PROTOC} -I ${_dir} --cpp_out=${_out} ${_grpc} ${CMAKE_CURRENT_SOURCE_DIR}/${_proto}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${_proto} VERBATIM)
    list(APPEND _sources ${_generated})
  endforeach()
  add_library(${NAME} STATIC ${_sources})
  target_include_directories(${NAME} SYSTEM PUBLIC ${_out})
  target_link_libraries(${NAME} PUBLIC ktl_grpc)
  target_compile_options(${NAME} PRIVATE -w -ffunction-sections -fdata-sections)
endfunction()
