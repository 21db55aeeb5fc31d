# The policies of the fences, beside the program: it looks for them in ../share/ktl/sandbox. What is
# below build/share is installed (cmake/install.cmake).
file(GLOB _policies CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sandbox/*.cfg)
foreach(_policy IN LISTS _policies)
  cmake_path(GET _policy FILENAME _name)
  configure_file(${_policy} ${CMAKE_BINARY_DIR}/share/ktl/sandbox/${_name} COPYONLY)
endforeach()
