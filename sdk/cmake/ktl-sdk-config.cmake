# find_package(ktl-sdk): the targets ktl::sdk and ktl::sdk_testing, and ktl_add_plugin(). The same
# file serves an installed SDK (<prefix>/lib/cmake/ktl-sdk) and ktl's sources (sdk/cmake).
include(${CMAKE_CURRENT_LIST_DIR}/KtlPlugin.cmake)

get_property(_ktl_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
foreach(_ktl_target sdk sdk_testing)
  if(NOT TARGET ktl::${_ktl_target})
    add_library(ktl::${_ktl_target} INTERFACE IMPORTED)
    set_target_properties(ktl::${_ktl_target} PROPERTIES
                          INTERFACE_INCLUDE_DIRECTORIES "${KTL_SDK_INCLUDE}")
    if("CXX" IN_LIST _ktl_languages)
      set_target_properties(ktl::${_ktl_target} PROPERTIES INTERFACE_COMPILE_FEATURES cxx_std_20)
    endif()
  endif()
endforeach()
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/../testing)
  target_include_directories(ktl::sdk_testing INTERFACE ${CMAKE_CURRENT_LIST_DIR}/../testing)
endif()
